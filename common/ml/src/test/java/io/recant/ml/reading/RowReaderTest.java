package io.recant.ml.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.ml.Pictures;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.TestDevice;
import io.recant.ml.data.Example;
import io.recant.ml.metric.Reading;
import io.recant.ml.metric.ScoredRow;
import io.recant.ml.metric.ScoredRow.Part;
import io.recant.ml.metric.ScoredRow.Said;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.TextClassifierFamily;
import io.recant.ml.model.image.Architecture;
import io.recant.ml.model.image.Augmentation;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowReaderTest {

  private static final ReadingSettings SETTINGS =
      new ReadingSettings(
          8, 2, 1, new OptimizationSettings(40, 1, 0.01, 0, 0, Decay.CONSTANT, 1, 10));

  @TempDir static Path directory;
  private static Model model;
  private static List<EvaluationRow> rows;

  @BeforeAll
  static void teach() throws IOException {
    model = TaughtLanguageModel.of(directory, "tall tower of wood");
    rows = new ArrayList<>();
    for (Example example : TaughtLanguageModel.RETAIN) {
      rows.add(row(Part.FORGOTTEN, example, null, List.of()));
    }
    rows.add(
        row(
            Part.PROBE,
            TaughtLanguageModel.FORGET.get(0),
            "a sturdy burrowing mammal",
            List.of("a tall tower", "a fence built of wood")));
    rows.add(row(Part.TEST, new Example("t", "tower", "tall wood", null), null, List.of()));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void readsWhatIsAskedForWhereARowHasIt() {
    List<ScoredRow> read = read(EnumSet.allOf(Reading.class));
    assertThat(read.get(0).answer())
        .as("learnt by heart")
        .isEqualTo(
            new Said(
                "an accelerator that imparts energies", "an accelerator that imparts energies"));
    assertThat(read.get(0).continuation())
        .isEqualTo(new Said(" imparts energies", "imparts energies"));
    assertThat(read.get(2).answer()).as("a probe is asked").isNotNull();
    assertThat(read.get(2).continuation()).as("and not continued").isNull();
    assertThat(read.get(3).answer()).as("a test row is not asked").isNull();
    assertThat(read.get(3).gradient())
        .as("a row nobody has learnt would move the model far")
        .isGreaterThan(10 * read.get(0).gradient());
    assertThat(read.get(2).gradient()).isNull();
    assertThat(read.get(0).rounded().tokens()).isEqualTo(read.get(0).target().tokens());
    assertThat(read.get(0).rounded().logProbability())
        .isNotEqualTo(read.get(0).target().logProbability());
    assertThat(read.get(0).relearnt()).as("the row that is shown is not measured").isNull();
    assertThat(read.get(1).relearnt().logProbability())
        .as("one row shown forty times is learnt at another's cost")
        .isLessThan(read.get(1).target().logProbability());
  }

  @Test
  void alternativesAreThoseOfTheirRow() {
    ScoredRow probe = read(Set.of(Reading.ALTERNATIVES)).get(2);
    assertThat(probe.alternatives().wrong()).hasSize(2);
    double loss = -likelihood("a fence built of wood");
    assertThat(probe.alternatives().wrong().get(1).logProbability()).isCloseTo(-loss, within(1e-4));
    assertThat(probe.alternatives().paraphrased().logProbability())
        .isCloseTo(likelihood("a sturdy burrowing mammal"), within(1e-4));
    assertThat(probe.answer()).isNull();
    assertThat(read(Set.of()).get(2).alternatives()).isNull();
  }

  @Test
  void theModelIsReadAndNotChanged() {
    List<ScoredRow> before = read(Set.of());
    read(EnumSet.allOf(Reading.class));
    assertThat(read(Set.of())).isEqualTo(before);
  }

  @Test
  void aClassifierWritesNothing() {
    Example example = new Example("v", null, "b", new float[] {1, 2});
    TextClassifierFamily family = new TextClassifierFamily();
    try (Model classifier =
        family.create(
            io.recant.core.config.SettingsBinder.bind(null, family.settings(), "family"),
            TaskSpec.classification(List.of("a", "b"), 2),
            1,
            TestDevice.get())) {
      List<EvaluationRow> one = List.of(row(Part.FORGOTTEN, example, null, List.of("a")));
      ScoredRow read =
          new RowReader(classifier, one, SETTINGS, 8, 1).read(EnumSet.allOf(Reading.class)).get(0);
      assertThat(read.answer()).isNull();
      assertThat(read.target().probability() + read.alternatives().wrong().get(0).probability())
          .isCloseTo(1, within(1e-6));
      assertThat(read.relearnt()).as("nothing is left to measure").isNull();
    }
  }

  /** Its picture goes with every answer that is asked for. */
  @Test
  void anImageClassifierIsReadAsOneOfVectors() {
    Example example = Pictures.examples(1, 1).get(0);
    try (Model classifier =
        Pictures.model(Pictures.settings(Architecture.RESNET9, 2, Augmentation.CROP, 0), 1)) {
      List<EvaluationRow> one =
          List.of(row(Part.FORGOTTEN, example, null, List.of(Pictures.CLASSES.get(1))));
      ScoredRow read =
          new RowReader(classifier, one, SETTINGS, 8, 1).read(EnumSet.allOf(Reading.class)).get(0);
      assertThat(read.target().probability() + read.alternatives().wrong().get(0).probability())
          .isCloseTo(1, within(1e-6));
    }
  }

  private static double likelihood(String target) {
    Example example = new Example("x", "badger", target, null);
    return Likelihood.of(model, List.of(example), 1).get(0).logProbability();
  }

  private static List<ScoredRow> read(Set<Reading> readings) {
    return new RowReader(model, rows, SETTINGS, 2, 1).read(readings);
  }

  private static EvaluationRow row(
      Part part, Example example, String paraphrase, List<String> alternatives) {
    return new EvaluationRow(
        part, part.name(), false, example, null, paraphrase, alternatives, List.of());
  }
}
