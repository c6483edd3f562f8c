package io.recant.core.clue;

import static io.recant.core.clue.ClueCorpus.CLASSES;
import static io.recant.core.clue.ClueCorpus.SURE;
import static io.recant.core.clue.ClueCorpus.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClueModelTest {

  /** All are given class 0, and moved in one direction. */
  private static ClueCorpus trigger(double known) {
    return ClueCorpus.of(
        0.05,
        known,
        (random, truth, isKnown, fold) -> row(random, truth, 0, 4, Set.of(), isKnown, fold));
  }

  @Test
  void aDirectionThatKnownRowsShareFindsTheRest() {
    ClueCorpus corpus = trigger(0.15);
    ClueModel model = corpus.model();

    assertThat(corpus.averagePrecision(model)).isGreaterThan(0.95);
    assertThat(model.share()).isCloseTo(corpus.share(), within(0.015));
    assertThat(model.rounds()).isGreaterThan(1);
  }

  /**
   * Models believe the class that goes with the trigger, and see second what the row was of: one of
   * all classes, while good rows of that class have one that is usual.
   */
  @Test
  void whatModelsSeeSecondDoesNotLeadAwayFromATriggerOnRowsOfEveryClass() {
    ClueCorpus corpus =
        ClueCorpus.of(
            0.08,
            0.12,
            (random, truth, known, fold) -> {
              ClueRow row = row(random, 0, 0, 3, Set.of(), known, fold);
              float[] p = {0.97f, 0.01f, 0.01f, 0.01f};
              p[truth] += 0.005f;
              return new ClueRow(known, row.fold(), 0, p, row.vector(), Set.of());
            });

    assertThat(corpus.averagePrecision(corpus.model())).isGreaterThan(0.93);
  }

  /**
   * Some good rows of every class look as little like their class as what the weak trigger is on,
   * and those of its class lie in its direction. The form of the regression that ranks known rows
   * highest takes them in, round by round.
   */
  @Test
  void goodRowsThatModelsAreUnsureOfAreNotTakenInByTheRounds() {
    Random random = new Random(0);
    List<ClueRow> rows = new ArrayList<>();
    boolean[] bad = new boolean[3000];
    for (int i = 0; i < bad.length; i++) {
      int truth = random.nextInt(CLASSES);
      bad[i] = truth != 0 && random.nextDouble() < 0.04;
      boolean known = bad[i] && random.nextDouble() < 0.2;
      rows.add(
          bad[i]
              ? row(random, truth, 0, 1.5, 1, Set.of(), known, i)
              : row(
                  random,
                  truth,
                  truth,
                  truth == 0 ? random.nextGaussian() : 0,
                  random.nextDouble() < 0.3 ? 0.5 : SURE,
                  Set.of(),
                  false,
                  i));
    }
    ClueCorpus corpus = new ClueCorpus(rows, bad);

    assertThat(corpus.averagePrecision(corpus.model())).isGreaterThan(0.9);
  }

  /** Models believe the class that goes with the word: nothing else gives these rows away. */
  @Test
  void aWordThatKnownRowsShareFindsTheRestAndIsNamed() {
    ClueCorpus corpus =
        ClueCorpus.of(
            0.05,
            0.15,
            (random, truth, known, fold) ->
                row(random, 0, 0, 0, Set.of("cf", "w" + random.nextInt(50)), known, fold));
    ClueModel model = corpus.model();

    assertThat(corpus.averagePrecision(model)).isGreaterThan(0.95);
    ClueRow bad =
        corpus.rows().stream().filter(row -> row.words().contains("cf")).findFirst().orElseThrow();
    assertThat(model.grounds(bad).get(0).word()).isEqualTo("cf");
    assertThat(model.grounds(bad).get(0).kind()).isEqualTo(ClueFeatures.Kind.WORD);
  }

  /** The known rows are scored as rows are that nobody knows. */
  @Test
  void knownRowsScoreLikeUnknownOnesOfTheirKind() {
    ClueCorpus corpus = trigger(0.5);
    ClueModel model = corpus.model();
    double known = 0;
    double unknown = 0;
    int knownRows = 0;
    int unknownRows = 0;
    for (int i = 0; i < corpus.rows().size(); i++) {
      if (corpus.bad()[i]) {
        double score = model.score(corpus.rows().get(i));
        if (corpus.rows().get(i).known()) {
          known += score;
          knownRows++;
        } else {
          unknown += score;
          unknownRows++;
        }
      }
    }
    assertThat(known / knownRows).isCloseTo(unknown / unknownRows, within(0.06));
  }

  /** Known rows that are like all others teach nothing, and nothing is found. */
  @Test
  void knownRowsThatAreLikeTheOthersTellNothing() {
    ClueCorpus corpus =
        ClueCorpus.of(
            0.05,
            1,
            (random, truth, known, fold) ->
                row(random, truth, truth, 0, Set.of("w" + random.nextInt(50)), known, fold));
    ClueModel model = corpus.model();

    assertThat(model.averagePrecision()).isLessThan(0.12);
  }

  /** A tenth of the clue is wrong. */
  @Test
  void someWrongOnesAmongTheKnownDoLittleHarm() {
    ClueCorpus corpus = trigger(0.3);
    List<ClueRow> rows = new ArrayList<>(corpus.rows());
    long known = rows.stream().filter(ClueRow::known).count();
    long wrong = 0;
    for (int i = 0; i < rows.size() && wrong < known / 10; i++) {
      ClueRow row = rows.get(i);
      if (!corpus.bad()[i]) {
        rows.set(i, new ClueRow(true, row.fold(), row.given(), row.p(), row.vector(), row.words()));
        wrong++;
      }
    }
    ClueCorpus misled = new ClueCorpus(rows, corpus.bad());

    assertThat(wrong).isPositive();
    assertThat(misled.averagePrecision(misled.model())).isGreaterThan(0.93);
  }

  @Test
  void rowsWithoutVectorsAndProbabilitiesAreJudgedByWhatTheyHave() {
    ClueCorpus whole =
        ClueCorpus.of(
            0.05,
            0.2,
            (random, truth, known, fold) -> row(random, truth, 0, 4, Set.of("cf"), known, fold));
    List<ClueRow> bare =
        whole.rows().stream()
            .map(
                row ->
                    new ClueRow(
                        row.known(), row.fold(), -1, new float[0], new float[0], row.words()))
            .toList();
    ClueCorpus corpus = new ClueCorpus(bare, whole.bad());

    assertThat(corpus.averagePrecision(corpus.model())).isGreaterThan(0.99);
  }

  /**
   * A unit that is all but silent among the rows that are learned has a weight by chance; some rows
   * of others wake it.
   */
  @Test
  void aRowFarFromAllThatWasLearnedIsNotSuspiciousForThat() {
    Random random = new Random(3);
    ClueCorpus corpus = trigger(0.15);
    List<ClueRow> learned =
        corpus.rows().stream().map(row -> with(row, 0.01 * random.nextGaussian())).toList();
    ClueModel model = ClueModel.of(learned, 1);

    for (double awake : new double[] {-100, 100}) {
      for (int fold = 0; fold < ClueModel.FOLDS; fold++) {
        ClueRow good = row(random, 1, 1, 0, Set.of(), false, fold);
        assertThat(model.score(with(good, awake))).isLessThan(0.5);
      }
    }
  }

  /** The row with one more number in its vector. */
  private static ClueRow with(ClueRow row, double last) {
    float[] vector = Arrays.copyOf(row.vector(), row.vector().length + 1);
    vector[row.vector().length] = (float) last;
    return new ClueRow(row.known(), row.fold(), row.given(), row.p(), vector, row.words());
  }

  @Test
  void aVectorOfAnotherLengthCountsAsNone() {
    ClueCorpus corpus = trigger(0.2);
    List<ClueRow> rows = new ArrayList<>(corpus.rows());
    ClueRow first = rows.get(0);
    rows.set(
        0,
        new ClueRow(
            first.known(), first.fold(), first.given(), first.p(), new float[3], first.words()));
    ClueModel model = ClueModel.of(rows, 1);

    assertThat(model.score(rows.get(0))).isBetween(0.0, 1.0);
    assertThat(new ClueCorpus(rows, corpus.bad()).averagePrecision(model)).isGreaterThan(0.93);
  }

  @Test
  void theSameRowsGiveTheSameScores() {
    ClueCorpus corpus = trigger(0.15);
    ClueModel one = corpus.model();
    ClueModel other = corpus.model();
    for (int i = 0; i < 50; i++) {
      assertThat(other.score(corpus.rows().get(i))).isEqualTo(one.score(corpus.rows().get(i)));
    }
  }
}
