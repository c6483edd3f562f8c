package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.spark.table.ShardRows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Joins given labels and probabilities shard by shard, straight from the files: no probability is
 * shuffled, and a task holds the labels of its shard only.
 */
final class LabelledRows {

  private static final float[] NONE = new float[0];
  private static final int UNKNOWN = -1;

  private LabelledRows() {}

  /** A sample of a shard, and its canaries. */
  private static final class Sample {
    private final long key;
    private final int shard;
    private final int given;
    private List<Canary> canaries = List.of();

    Sample(long key, int shard, int given) {
      this.key = key;
      this.shard = shard;
      this.given = given;
    }
  }

  private record Canary(String id, int given) {}

  /**
   * The candidates whose class is known.
   *
   * @param samples {@code sample_id, target, shard}
   * @param canaries {@code canary_id, sample_id, target, shard}; those of other samples are left
   *     out
   * @param predictions {@code sample_id, probabilities, shard}, at most one row per sample
   * @param classes class names by index
   */
  static JavaRDD<LabelledRow> of(
      Dataset<Row> samples,
      Dataset<Row> canaries,
      Dataset<Row> predictions,
      List<String> classes,
      int shards) {
    HashMap<String, Integer> names = new HashMap<>();
    classes.forEach(name -> names.put(name, names.size()));
    JavaRDD<InternalRow> labels =
        ShardRows.of(
            samples.select(
                col("sample_id"), col("target"), xxhash64(col("sample_id")), col("shard")),
            shards);
    JavaRDD<InternalRow> copies =
        ShardRows.of(canaries.select("canary_id", "sample_id", "target", "shard"), shards);
    JavaRDD<InternalRow> probabilities =
        ShardRows.of(
            predictions
                .where("probabilities is not null")
                .select("sample_id", "probabilities", "shard"),
            shards);
    return labels
        .zipPartitions(
            copies,
            (ofSamples, ofCanaries) ->
                List.of(samples(ofSamples, ofCanaries, indexed(names))).iterator())
        .zipPartitions(
            probabilities,
            (ofSamples, ofPredictions) ->
                ofSamples.hasNext()
                    ? new Joined(ofSamples.next(), ofPredictions)
                    : List.<LabelledRow>of().iterator());
  }

  private static Map<UTF8String, Integer> indexed(Map<String, Integer> names) {
    Map<UTF8String, Integer> indexed = new HashMap<>();
    names.forEach((name, index) -> indexed.put(UTF8String.fromString(name), index));
    return indexed;
  }

  private static Map<UTF8String, Sample> samples(
      Iterator<InternalRow> samples,
      Iterator<InternalRow> canaries,
      Map<UTF8String, Integer> classes) {
    Map<UTF8String, Sample> byId = new HashMap<>();
    while (samples.hasNext()) {
      InternalRow row = samples.next();
      int given = classes.getOrDefault(row.getUTF8String(1), UNKNOWN);
      byId.put(row.getUTF8String(0).copy(), new Sample(row.getLong(2), row.getInt(3), given));
    }
    while (canaries.hasNext()) {
      InternalRow row = canaries.next();
      Sample of = byId.get(row.getUTF8String(1));
      Integer given = classes.get(row.getUTF8String(2));
      if (of != null && given != null) {
        of.canaries = new ArrayList<>(of.canaries);
        of.canaries.add(new Canary(row.getUTF8String(0).toString(), given));
      }
    }
    return byId;
  }

  /** Candidates in the order of the predictions; then those without one. */
  private static final class Joined implements Iterator<LabelledRow> {

    private final Map<UTF8String, Sample> samples;
    private final Iterator<InternalRow> predictions;
    private final ArrayDeque<LabelledRow> ready = new ArrayDeque<>();
    private Iterator<Map.Entry<UTF8String, Sample>> unpredicted;

    Joined(Map<UTF8String, Sample> samples, Iterator<InternalRow> predictions) {
      this.samples = samples;
      this.predictions = predictions;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && predictions.hasNext()) {
        InternalRow row = predictions.next();
        Sample sample = samples.remove(row.getUTF8String(0));
        if (sample != null) {
          add(row.getUTF8String(0), sample, row.getArray(1).toFloatArray());
        }
      }
      if (ready.isEmpty() && unpredicted == null) {
        unpredicted = samples.entrySet().iterator();
      }
      while (ready.isEmpty() && unpredicted.hasNext()) {
        Map.Entry<UTF8String, Sample> entry = unpredicted.next();
        add(entry.getKey(), entry.getValue(), NONE);
      }
      return !ready.isEmpty();
    }

    @Override
    public LabelledRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void add(UTF8String id, Sample sample, float[] p) {
      if (sample.given != UNKNOWN) {
        ready.add(new LabelledRow(id.toString(), sample.shard, false, sample.key, sample.given, p));
      }
      for (Canary canary : sample.canaries) {
        ready.add(new LabelledRow(canary.id(), sample.shard, true, sample.key, canary.given(), p));
      }
    }
  }
}
