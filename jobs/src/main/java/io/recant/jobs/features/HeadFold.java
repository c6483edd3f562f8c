package io.recant.jobs.features;

import io.recant.jobs.cells.SettingsText;
import io.recant.ml.device.Devices;
import io.recant.ml.head.Evidence;
import io.recant.ml.head.Head;
import io.recant.ml.head.HeadData;
import io.recant.ml.head.HeadTraining;
import io.recant.ml.head.SparseTargets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One task: learns a head from the rows that come first and predicts those that follow. What it
 * holds is the learning rows, whose number the configuration bounds; predicted rows stream past in
 * chunks.
 *
 * @param settings the head's settings as JSON
 * @param outputs how many classes, or buckets of tokens, the head has
 * @param bags whether a row's target is a bag of tokens, of which losses are wanted, or one class,
 *     of which probabilities
 */
record HeadFold(String settings, int outputs, boolean bags, long seed, LongAccumulator done)
    implements MapPartitionsFunction<Row, Row> {

  private static final int CHUNK = 1024;

  /**
   * What a task gives back: a prediction, or (where {@code epoch_probability} is there) what
   * training did to a row.
   */
  static StructType schema() {
    return (StructType)
        DataType.fromDDL(
            "id string, canary boolean, corpus string, shard int, repeat int, fold int, ids array<int>,"
                + " log_probabilities array<float>, loss double, loss_unprompted double, tokens int,"
                + " epoch_probability array<float>, epoch_margin array<float>");
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    List<Row> learned = new ArrayList<>();
    Row first = null;
    while (rows.hasNext() && first == null) {
      Row row = rows.next();
      if (row.<Integer>getAs("role") == HeadRows.LEARN) {
        learned.add(row);
      } else {
        first = row;
      }
    }
    if (first == null || learned.isEmpty()) {
      return List.<Row>of().iterator();
    }
    return train(learned, first, rows);
  }

  private Iterator<Row> train(List<Row> learned, Row first, Iterator<Row> rest) {
    int dimension = vector(first).length;
    HeadData data = data(learned, dimension);
    int[] all = new int[learned.size()];
    Arrays.setAll(all, i -> i);
    int[] observed =
        Arrays.stream(all)
            .filter(i -> !bags && learned.get(i).<Boolean>getAs("observed"))
            .toArray();
    List<Head.LabelFit> epochs = new ArrayList<>();
    Head head =
        HeadTraining.run(
            data,
            all,
            evidence(learned),
            SettingsText.read(settings, HeadTraining.Settings.class, "features.head"),
            seed + first.<Integer>getAs("task"),
            Devices.parse("cpu"),
            (epoch, trained) -> {
              if (observed.length > 0) {
                epochs.add(trained.labelFit(data, observed));
              }
            });
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> head.close());
    List<Row> dynamics = new ArrayList<>();
    for (int i = 0; i < observed.length; i++) {
      dynamics.add(dynamics(learned.get(observed[i]), epochs, i));
    }
    return new Predictions(
        head, dimension, bags ? unigram(data) : null, first, rest, dynamics.iterator());
  }

  /** What is known of the learning rows' labels; nothing where any row has no evidence. */
  private static Optional<Evidence> evidence(List<Row> rows) {
    float[] all = new float[Math.multiplyExact(rows.size(), Evidence.WIDTH)];
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).isNullAt(rows.get(i).fieldIndex("evidence"))) {
        return Optional.empty();
      }
      float[] own = Vectors.of(rows.get(i), "evidence");
      System.arraycopy(own, 0, all, i * Evidence.WIDTH, Evidence.WIDTH);
    }
    return Optional.of(new Evidence(all));
  }

  private HeadData data(List<Row> rows, int dimension) {
    float[] vectors = new float[Math.multiplyExact(rows.size(), dimension)];
    int[][] ids = new int[rows.size()][];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(scaled(vector(rows.get(i))), 0, vectors, i * dimension, dimension);
      ids[i] = ids(rows.get(i));
    }
    SparseTargets targets =
        bags
            ? SparseTargets.bagsOfTokens(ids)
            : SparseTargets.labels(Arrays.stream(ids).mapToInt(id -> id[0]).toArray());
    return HeadData.of(vectors, dimension, targets, outputs);
  }

  private List<Row> predict(Head head, int dimension, double[] unigram, List<Row> rows) {
    HeadData asked = data(rows, dimension);
    int[] all = new int[rows.size()];
    Arrays.setAll(all, i -> i);
    float[] losses = bags ? head.losses(asked, all) : null;
    float[] probabilities = bags ? null : head.probabilities(asked, all);
    List<Row> out = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      out.add(
          bags
              ? losses(rows.get(i), losses[i], unigram)
              : probabilities(
                  rows.get(i), Arrays.copyOfRange(probabilities, i * outputs, (i + 1) * outputs)));
    }
    done.add(rows.size());
    return out;
  }

  private static Row probabilities(Row row, float[] probabilities) {
    return RowFactory.create(
        row.getAs("id"),
        row.getAs("canary"),
        row.getAs("corpus"),
        row.getAs("shard"),
        row.getAs("repeat"),
        row.getAs("fold"),
        row.getAs("ids"),
        Temperatures.logs(probabilities),
        null,
        null,
        null,
        null,
        null);
  }

  private static Row losses(Row row, float loss, double[] unigram) {
    int[] ids = ids(row);
    double unprompted =
        Arrays.stream(ids).mapToDouble(id -> -Math.log(unigram[id])).average().orElse(0);
    return RowFactory.create(
        row.getAs("id"),
        row.getAs("canary"),
        row.getAs("corpus"),
        row.getAs("shard"),
        row.getAs("repeat"),
        row.getAs("fold"),
        null,
        null,
        (double) loss,
        unprompted,
        ids.length,
        null,
        null);
  }

  private static Row dynamics(Row row, List<Head.LabelFit> epochs, int i) {
    float[] probability = new float[epochs.size()];
    float[] margin = new float[epochs.size()];
    for (int e = 0; e < probability.length; e++) {
      probability[e] = epochs.get(e).probability()[i];
      margin[e] = epochs.get(e).margin()[i];
    }
    return RowFactory.create(
        row.getAs("id"),
        row.getAs("canary"),
        row.getAs("corpus"),
        row.getAs("shard"),
        row.getAs("repeat"),
        row.getAs("fold"),
        null,
        null,
        null,
        null,
        null,
        probability,
        margin);
  }

  /**
   * Token frequencies of the learning rows, half a token added to each: the model that sees no
   * prompt.
   */
  private double[] unigram(HeadData data) {
    double[] counts = new double[outputs];
    Arrays.fill(counts, 0.5);
    double total = 0.5 * outputs;
    for (int i = 0; i < data.targets().ids().length; i++) {
      counts[data.targets().ids()[i]] += data.targets().shares()[i];
      total += data.targets().shares()[i];
    }
    double sum = total;
    return Arrays.stream(counts).map(c -> c / sum).toArray();
  }

  /**
   * Unit vectors times the root of their length have entries of about 1, which is what the first
   * layer expects.
   */
  private static float[] scaled(float[] vector) {
    float scale = (float) Math.sqrt(vector.length);
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
    return vector;
  }

  private static float[] vector(Row row) {
    scala.collection.Seq<?> values = row.getAs("vector");
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) values.apply(i);
    }
    return vector;
  }

  private static int[] ids(Row row) {
    scala.collection.Seq<?> values = row.getAs("ids");
    int[] ids = new int[values.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (Integer) values.apply(i);
    }
    return ids;
  }

  /**
   * The predictions of the rows that follow the learning ones, a chunk at a time, then what
   * training did.
   */
  private final class Predictions implements Iterator<Row> {

    private final Head head;
    private final int dimension;
    private final double[] unigram;
    private final Iterator<Row> rest;
    private final Iterator<Row> dynamics;
    private Row first;
    private Iterator<Row> chunk = List.<Row>of().iterator();

    Predictions(
        Head head,
        int dimension,
        double[] unigram,
        Row first,
        Iterator<Row> rest,
        Iterator<Row> dynamics) {
      this.head = head;
      this.dimension = dimension;
      this.unigram = unigram;
      this.first = first;
      this.rest = rest;
      this.dynamics = dynamics;
    }

    @Override
    public boolean hasNext() {
      return chunk.hasNext() || first != null || rest.hasNext() || dynamics.hasNext();
    }

    @Override
    public Row next() {
      if (chunk.hasNext()) {
        return chunk.next();
      }
      List<Row> rows = new ArrayList<>();
      if (first != null) {
        rows.add(first);
        first = null;
      }
      while (rest.hasNext() && rows.size() < CHUNK) {
        rows.add(rest.next());
      }
      if (rows.isEmpty()) {
        return dynamics.next();
      }
      chunk = predict(head, dimension, unigram, rows).iterator();
      return chunk.next();
    }
  }
}
