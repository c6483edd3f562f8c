package io.recant.spark.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step touches the tables it declares, and each once. */
class DeclaredTablesIT {

  private final SparkSession spark = SparkTestSession.get();

  @TempDir private Path folder;
  private TestRun run;

  @BeforeEach
  void begin() {
    run = new TestRun(spark, folder);
  }

  @Test
  void undeclaredTablesAreRefused() {
    FakeStep curious =
        FakeStep.source("curious", Table.CLASSES, (c, context) -> context.read(Table.INJECTIONS));
    FakeStep streaming =
        FakeStep.source("streaming", Table.CLASSES, (c, context) -> context.files(Table.SAMPLES));
    FakeStep asking =
        FakeStep.source("asking", Table.CLASSES, (c, context) -> context.has(Table.SAMPLES));
    FakeStep writing =
        FakeStep.source(
            "writing",
            Table.CLASSES,
            (c, context) -> context.write(Table.SAMPLES, TestRows.of(spark, Table.SAMPLES)));

    assertRefused(curious, "step curious does not declare that it reads injections");
    assertRefused(streaming, "step streaming does not declare that it reads samples");
    assertRefused(asking, "step asking does not declare that it reads samples");
    assertRefused(writing, "step writing does not declare that it writes samples");
  }

  @Test
  void aDeclaredTableIsWrittenExactlyOnce() {
    FakeStep lazy = FakeStep.source("lazy", Table.CLASSES, (config, context) -> {});
    FakeStep eager =
        FakeStep.source(
            "eager",
            Table.CLASSES,
            (config, context) -> {
              context.write(Table.CLASSES, TestRows.classes(spark, 1));
              context.write(Table.CLASSES, TestRows.classes(spark, 1));
            });
    FakeStep early =
        FakeStep.source("early", Table.CLASSES, (c, context) -> context.readBack(Table.CLASSES));

    assertRefused(lazy, "step lazy declares classes but never wrote it");
    assertRefused(eager, "step eager has already written classes");
    assertRefused(early, "step early has not written classes yet");
  }

  private void assertRefused(FakeStep step, String message) {
    assertThatThrownBy(() -> run.run(step))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThat(run.directory().manifest(step.name())).isEmpty();
  }
}
