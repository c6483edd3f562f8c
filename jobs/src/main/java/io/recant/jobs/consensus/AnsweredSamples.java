package io.recant.jobs.consensus;

import io.recant.core.crowd.Answers;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * A run of samples with their answers.
 *
 * @param samples what each is called and was given
 * @param answers theirs, in the same order
 */
record AnsweredSamples(List<Sample> samples, Answers answers) implements Serializable {

  private static final int MOST_ANSWERS = 1 << 16;

  /** A sample's name, shard and given target. */
  record Sample(String id, int shard, String target) implements Serializable {}

  /**
   * Gathers rows of {@code sample_id, shard, target, annotator, answer, fold, probabilities},
   * ordered by sample and annotator, into runs.
   */
  static Iterator<AnsweredSamples> of(Iterator<Row> rows, int classes) {
    return new Iterator<>() {
      private Row next = rows.hasNext() ? rows.next() : null;

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public AnsweredSamples next() {
        if (next == null) {
          throw new java.util.NoSuchElementException();
        }
        List<Sample> samples = new ArrayList<>();
        Answers.Builder answers = new Answers.Builder(classes);
        while (next != null && answers.size() < MOST_ANSWERS) {
          String id = next.getString(0);
          samples.add(new Sample(id, next.getInt(1), next.getString(2)));
          answers.sample(probabilities(next, classes));
          while (next != null && next.getString(0).equals(id)) {
            answers.answer(next.getInt(3), next.getInt(4), next.getInt(5));
            next = rows.hasNext() ? rows.next() : null;
          }
        }
        return new AnsweredSamples(samples, answers.build());
      }
    };
  }

  private static float[] probabilities(Row row, int classes) {
    if (row.isNullAt(6)) {
      return new float[0];
    }
    List<Float> list = row.getList(6);
    if (list.size() != classes) {
      return new float[0];
    }
    float[] p = new float[classes];
    for (int k = 0; k < classes; k++) {
      p[k] = list.get(k);
    }
    return p;
  }
}
