package io.recant.core.clue;

import static io.recant.core.clue.ClueCorpus.CLASSES;
import static io.recant.core.clue.ClueCorpus.DIMENSIONS;
import static io.recant.core.clue.ClueCorpus.ROWS;
import static io.recant.core.clue.ClueCorpus.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two classes that were given for each other. */
class ConfusedClueTest {

  /** Class 1 is given for 2 and 2 for 1; other classes are never damaged. */
  private static ClueCorpus confusion() {
    return ClueCorpus.of(
        0.12,
        0.15,
        (random, truth, isKnown, fold) ->
            truth == 3
                ? row(random, 3, 3, 0, Set.of(), false, fold)
                : row(random, truth, 3 - truth, 0, Set.of(), isKnown, fold));
  }

  @Test
  void twoClassesThatWereConfusedAreFoundByProbabilities() {
    ClueCorpus corpus = confusion();
    // Rows of class 3 that the draw called bad were left as they are.
    for (int i = 0; i < corpus.rows().size(); i++) {
      corpus.bad()[i] &= corpus.rows().get(i).given() == 1 || corpus.rows().get(i).given() == 2;
    }
    ClueModel model = corpus.model();

    assertThat(corpus.averagePrecision(model)).isGreaterThan(0.85);
    assertThat(model.share()).isCloseTo(corpus.share(), within(0.03));
  }

  /**
   * Models have learned the confusion and cannot say which of the two classes it is. A vector lies
   * where its row's kind does; which of them is wrong it says only beside the given class.
   */
  @Test
  void confusedClassesAreToldApartByWhereLearningMovesAModel() {
    Random random = new Random(11);
    List<ClueRow> rows = new ArrayList<>();
    boolean[] bad = new boolean[ROWS];
    for (int i = 0; i < ROWS; i++) {
      int truth = random.nextInt(CLASSES);
      boolean pair = truth == 1 || truth == 2;
      bad[i] = pair && random.nextDouble() < 0.3;
      boolean known = bad[i] && random.nextDouble() < 0.15;
      ClueRow row = row(random, truth, bad[i] ? 3 - truth : truth, 0, Set.of(), known, i);
      float[] undecided = {0.02f, 0.48f, 0.48f, 0.02f};
      rows.add(
          new ClueRow(
              known,
              row.fold(),
              row.given(),
              pair ? undecided : row.p(),
              row.vector(),
              row.words()));
    }
    ClueCorpus corpus = new ClueCorpus(rows, bad);

    assertThat(corpus.averagePrecision(corpus.model())).isGreaterThan(0.9);
  }

  /**
   * Six of ten rows of two classes were given the other one, and models, which learned that, say
   * nothing. A tenth of them is known. Rows of which more are bad than not are no mixture at whose
   * top all are bad.
   */
  @Test
  void ofClassesThatAreMostlyConfusedTheGoodRowsAreKeptApart() {
    Random random = new Random(12);
    List<ClueRow> rows = new ArrayList<>();
    boolean[] bad = new boolean[2 * ROWS];
    for (int i = 0; i < bad.length; i++) {
      int truth = random.nextInt(CLASSES);
      boolean pair = truth == 1 || truth == 2;
      bad[i] = pair && random.nextDouble() < 0.6;
      boolean known = bad[i] && random.nextDouble() < 0.1;
      int given = bad[i] ? 3 - truth : truth;
      float[] vector = new float[DIMENSIONS];
      for (int d = 0; d < DIMENSIONS; d++) {
        vector[d] = (float) (random.nextGaussian() + (d == truth ? 1 : 0));
      }
      // Of no row a model saw the given class, so it is not in what it says.
      double first = 0.48 + 0.1 * (random.nextDouble() - 0.5);
      float[] p = {0.02f, 0.02f, 0.02f, 0.02f};
      p[pair ? 1 : truth] = pair ? (float) first : 0.94f;
      p[pair ? 2 : truth] = pair ? (float) (0.96 - first) : 0.94f;
      rows.add(new ClueRow(known, i % ClueModel.FOLDS, given, p, vector, Set.of()));
    }
    ClueCorpus corpus = new ClueCorpus(rows, bad);
    ClueModel model = corpus.model();

    assertThat(model.share()).isCloseTo(corpus.share(), within(0.06));
    assertThat(corpus.averagePrecision(model)).isGreaterThan(0.7);
    for (ClueRow row : rows) {
      boolean pair = row.given() == 1 || row.given() == 2;
      assertThat(model.isConfused(row)).isEqualTo(pair);
      assertThat(model.right(row)).isEqualTo(pair ? 3 - row.given() : row.rival());
    }
  }

  @Test
  void confusedClassesOfWhichAllRowsAreKnownAreNoError() {
    Random random = new Random(13);
    List<ClueRow> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int truth = random.nextInt(CLASSES);
      boolean pair = truth == 1 || truth == 2;
      rows.add(row(random, truth, pair ? 3 - truth : truth, 0, Set.of(), pair, i));
    }
    ClueModel model = ClueModel.of(rows, 1);

    assertThat(model.averagePrecision()).isGreaterThan(0.8);
    assertThat(model.share()).isLessThan(0.02);
  }
}
