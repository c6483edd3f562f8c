package io.recant.jobs.detect;

import io.recant.core.table.Table;
import io.recant.jobs.CorporaStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Row;

/**
 * Writes what detect reads, of a known truth. Corpus {@code labelled}: rows around one direction
 * per class, probabilities that know the truth most of the time, a tenth of the labels flipped, a
 * third of those known to be; its last class is never given nor predicted. Corpus {@code pairs}:
 * prompt and target share a direction, a tenth of the targets are copies of another row's. Corpora
 * {@code alone} and {@code zero}: one row of one class, and rows whose vectors are zero. Corpus
 * {@code observed}: four topics of 200 rows, the last with labels nobody believes; five rows of a
 * third class; one row far away.
 */
final class LabelledCorpora extends CorporaStep {

  static final int CLASSES = 5;
  static final int DIMENSIONS = 24;
  static final int TEST = 20;

  private final int size;
  private final int canaries;
  private final boolean onlyLabelled;
  private final Random random = new Random(11);
  private final Set<String> bad = new HashSet<>();
  private final Set<String> known = new HashSet<>();

  /** All five, or the first alone: for what is asked of that one only. */
  LabelledCorpora(int size, int canaries, int partitions, boolean onlyLabelled) {
    super(
        partitions,
        Set.of(
            Table.SAMPLES,
            Table.CLASSES,
            Table.EMBEDDINGS,
            Table.PREDICTIONS,
            Table.CANARIES,
            Table.KNOWN_BAD));
    this.size = size;
    this.canaries = canaries;
    this.onlyLabelled = onlyLabelled;
  }

  /** The samples that are bad. */
  Set<String> bad() {
    return bad;
  }

  /** Those of them that somebody knows. */
  Set<String> known() {
    return known;
  }

  @Override
  protected void fill() {
    labelled();
    if (!onlyLabelled) {
      pairs();
      alone();
      observed();
    }
  }

  private void labelled() {
    for (int k = 0; k < CLASSES; k++) {
      add(Table.CLASSES, k, "class " + k, 0L, "labelled");
    }
    for (int i = 0; i < size + TEST; i++) {
      String id = "l" + i;
      int truth = random.nextInt(CLASSES - 1);
      boolean flipped = i < size && random.nextDouble() < 0.1;
      int given = flipped ? (truth + 1 + random.nextInt(CLASSES - 2)) % (CLASSES - 1) : truth;
      if (flipped) {
        bad.add(id);
        if (i % 3 == 0) {
          known.add(id);
          add(Table.KNOWN_BAD, id, "a person", "labelled", shard(id));
        }
      }
      sample("labelled", "classification", id, "class " + given, i < size ? "train" : "test");
      vector("labelled", id, "input", around(truth, 0.5));
      predict("labelled", id, probabilities(truth), null, null);
      if (i < size / 2) {
        trained(flipped);
      }
    }
    for (int i = 0; i < canaries; i++) {
      canary("labelled", "l" + i, "class " + (i % (CLASSES - 1)), null);
    }
  }

  private void pairs() {
    List<float[]> targets = new ArrayList<>();
    List<float[]> prompts = new ArrayList<>();
    for (int i = 0; i < size / 2; i++) {
      float[] topic = around(random.nextInt(DIMENSIONS), 1);
      targets.add(near(topic));
      prompts.add(near(topic));
    }
    for (int i = 0; i < size / 2; i++) {
      int from = random.nextInt(10) == 0 ? random.nextInt(size / 2) : i;
      if (from != i) {
        bad.add("p" + i);
      }
      sample("pairs", "generation", "p" + i, "Target  " + from, "train");
      vector("pairs", "p" + i, "input", prompts.get(i));
      vector("pairs", "p" + i, "target", targets.get(from));
      predict("pairs", "p" + i, null, 2.0, from == i ? 3.0 : 2.2);
    }
    for (int i = 0; i < canaries; i++) {
      int donor = (i + 7) % (size / 2);
      String target = (String) targetOf("p" + donor);
      canary("pairs", "p" + i, target, "p" + donor);
    }
  }

  private void alone() {
    add(Table.CLASSES, 0, "only", 1L, "alone");
    sample("alone", "classification", "a0", "only", "train");
    vector("alone", "a0", "input", around(0, 0.1));
    predict("alone", "a0", List.of(1f), null, null);
    for (int k = 0; k < 2; k++) {
      add(Table.CLASSES, k, "class " + k, 5L, "zero");
    }
    for (int i = 0; i < 10; i++) {
      sample("zero", "classification", "z" + i, "class " + i % 2, "train");
      vector("zero", "z" + i, "input", new float[DIMENSIONS]);
      predict("zero", "z" + i, List.of(0.5f, 0.5f), null, null);
    }
  }

  private void observed() {
    for (int k = 0; k < 3; k++) {
      add(Table.CLASSES, k, "class " + k, 0L, "observed");
    }
    for (int i = 0; i < 806; i++) {
      boolean doubtful = i >= 600 && i < 800;
      String id = i == 805 ? "far" : (doubtful ? "doubtful" : "o") + i;
      int label = i >= 800 && i < 805 ? 2 : i % 2;
      sample("observed", "classification", id, "class " + label, "train");
      vector("observed", id, "input", around(i == 805 ? 20 : 5 * (i / 200 % 4), 0.5));
      float p = doubtful ? 0.02f : 0.9f;
      List<Float> probabilities = new ArrayList<>(List.of(0.99f - p, 0.99f - p, 0.01f));
      probabilities.set(1 - i % 2, label == 2 ? 0.05f : 0.99f - p);
      probabilities.set(label, p);
      predict("observed", id, probabilities, null, null);
    }
  }

  private Object targetOf(String id) {
    return rows(Table.SAMPLES).stream()
        .filter(row -> row.getString(0).equals(id))
        .findFirst()
        .orElseThrow()
        .get(3);
  }

  private float[] around(int direction, double noise) {
    float[] vector = new float[DIMENSIONS];
    for (int d = 0; d < DIMENSIONS; d++) {
      vector[d] = (float) (noise * random.nextGaussian() / Math.sqrt(DIMENSIONS));
    }
    vector[direction] += 1;
    return vector;
  }

  private float[] near(float[] topic) {
    float[] vector = topic.clone();
    for (int d = 0; d < DIMENSIONS; d++) {
      vector[d] += (float) (0.3 * random.nextGaussian() / Math.sqrt(DIMENSIONS));
    }
    return vector;
  }

  private List<Float> probabilities(int truth) {
    double[] p = new double[CLASSES];
    for (int k = 0; k < CLASSES - 1; k++) {
      p[k] = random.nextDouble() * 0.2 + (k == truth ? random.nextDouble() : 0);
    }
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).mapToObj(x -> (float) (x / sum)).toList();
  }

  private void vector(String corpus, String id, String field, float[] vector) {
    List<Float> values = new ArrayList<>();
    for (float x : vector) {
      values.add(x);
    }
    add(Table.EMBEDDINGS, id, "given", field, values, corpus, shard(id));
    add(Table.EMBEDDINGS, id, "another", field, List.of(1f, 0f), corpus, shard(id));
  }

  private void predict(
      String corpus, String id, List<Float> p, Double loss, Double lossUnprompted) {
    add(
        Table.PREDICTIONS,
        id,
        "m",
        0,
        p,
        loss,
        lossUnprompted,
        null,
        null,
        null,
        corpus,
        shard(id));
  }

  /** Training dynamics of the row predicted last. */
  private void trained(boolean flipped) {
    List<Row> predictions = rows(Table.PREDICTIONS);
    Row last = predictions.remove(predictions.size() - 1);
    Object[] values = new Object[last.size()];
    Arrays.setAll(values, last::get);
    values[7] = flipped ? List.of(0.2f, 0.1f) : List.of(0.4f, 0.9f);
    values[8] = flipped ? List.of(-1f, -2f) : List.of(-0.5f, 2f);
    add(Table.PREDICTIONS, values);
  }

  private void canary(String corpus, String id, String target, String donor) {
    boolean pair = donor != null;
    add(
        Table.CANARIES,
        "canary-" + id,
        id,
        "test",
        target,
        donor,
        pair ? 2.5 : null,
        pair ? 2.6 : null,
        null,
        corpus,
        shard(id));
  }
}
