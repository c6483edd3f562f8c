package io.recant.jobs.unlearn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyRetainSetIT {

  @TempDir Path root;

  /** A run with a victim and no sample. */
  private static final class Victims implements Step<Victims.Settings> {

    record Settings() {}

    @Override
    public String name() {
      return "victims";
    }

    @Override
    public String summary() {
      return "A victim for a test.";
    }

    @Override
    public Class<Settings> settings() {
      return Settings.class;
    }

    @Override
    public Set<Table> reads(Settings config) {
      return Set.of();
    }

    @Override
    public Set<Table> writes(Settings config) {
      return Set.of(Table.CHECKPOINTS);
    }

    @Override
    public void run(Settings config, StepContext context) {
      context.write(
          Table.CHECKPOINTS,
          context
              .spark()
              .createDataFrame(
                  List.of(
                      RowFactory.create(
                          0L,
                          "c",
                          "text-classifier",
                          "nowhere",
                          "hash",
                          "hash",
                          1L,
                          "done",
                          "cpu",
                          1.0,
                          1L,
                          null,
                          "m",
                          "victim")),
                  Schemas.of(Table.CHECKPOINTS)));
    }
  }

  @Test
  void nothingIsUnlearnedWhereNothingIsRetained() {
    try (StepFixture fixture = new StepFixture(root)) {
      assertThatThrownBy(
              () ->
                  fixture.run(
                      "empty",
                      "unlearn: {grid: [{model: m, methods: [gradient-ascent]}]}",
                      new Victims(),
                      new UnlearnStep()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("corpus c has no retained sample");
    }
  }
}
