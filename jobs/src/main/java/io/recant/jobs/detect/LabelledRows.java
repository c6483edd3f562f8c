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

  /** A sample of a shard. */
  private static final class Sample {
    private final UTF8String id;
    private final long key;
    private final int given;
    private boolean predicted;

    Sample(UTF8String id, long key, int given) {
      this.id = id;
      this.key = key;
      this.given = given;
    }
  }

  private record Canary(UTF8String id, int given) {}

  /**
   * The candidates whose class is known: partition i has those of shard i.
   *
   * @param samples {@code sample_id, target, shard}
   * @param canaries {@code canary_id, sample_id, target, shard}; those of other samples are left
   *     out
   * @param predictions {@code sample_id, model, probabilities, shard}, at most one row per sample
   *     and model, some without probabilities; committed rows as they are, which are read fastest
   * @param model whose predictions count
   * @param classes class names by index
   */
  static JavaRDD<LabelledBlock> of(
      Dataset<Row> samples,
      Dataset<Row> canaries,
      Dataset<Row> predictions,
      String model,
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
        ShardRows.of(predictions.select("sample_id", "model", "probabilities", "shard"), shards);
    return labels
        .zipPartitions(
            copies,
            (ofSamples, ofCanaries) -> {
              ShardSamples read = new ShardSamples(indexed(names));
              ofSamples.forEachRemaining(read::add);
              ofCanaries.forEachRemaining(read::addCanary);
              return List.of(read).iterator();
            })
        .zipPartitions(
            probabilities,
            (ofSamples, ofPredictions) ->
                ofSamples.hasNext()
                    ? new Joined(ofSamples.next(), ofPredictions, model)
                    : List.<LabelledBlock>of().iterator());
  }

  private static Map<UTF8String, Integer> indexed(Map<String, Integer> names) {
    Map<UTF8String, Integer> indexed = new HashMap<>();
    names.forEach((name, index) -> indexed.put(UTF8String.fromString(name), index));
    return indexed;
  }

  /**
   * The samples of a shard. Tables are written in the order of ids, so predictions meet them in
   * that order; only where they do not are samples looked up.
   */
  private static final class ShardSamples {

    private final Map<UTF8String, Integer> classes;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<UTF8String, List<Canary>> canaries = new HashMap<>();
    private Map<UTF8String, Sample> byId;
    private boolean ordered = true;
    private int shard;
    private int next;

    ShardSamples(Map<UTF8String, Integer> classes) {
      this.classes = classes;
    }

    void add(InternalRow row) {
      UTF8String id = row.getUTF8String(0).copy();
      shard = row.getInt(3);
      ordered =
          ordered && (samples.isEmpty() || samples.get(samples.size() - 1).id.compareTo(id) < 0);
      samples.add(
          new Sample(id, row.getLong(2), classes.getOrDefault(row.getUTF8String(1), UNKNOWN)));
    }

    void addCanary(InternalRow row) {
      Integer given = classes.get(row.getUTF8String(2));
      if (given != null) {
        canaries
            .computeIfAbsent(row.getUTF8String(1).copy(), of -> new ArrayList<>())
            .add(new Canary(row.getUTF8String(0).copy(), given));
      }
    }

    /** The sample of that id; null where there is none. */
    Sample find(UTF8String id) {
      ordered = ordered && (next == 0 || samples.get(next - 1).id.compareTo(id) < 0);
      if (!ordered) {
        return byId().get(id);
      }
      while (next < samples.size()) {
        int order = samples.get(next).id.compareTo(id);
        if (order >= 0) {
          return order == 0 ? samples.get(next++) : null;
        }
        next++;
      }
      return null;
    }

    private Map<UTF8String, Sample> byId() {
      if (byId == null) {
        byId = new HashMap<>();
        samples.forEach(sample -> byId.put(sample.id, sample));
      }
      return byId;
    }
  }

  /** Candidates in the order of the predictions; then those without one. */
  private static final class Joined implements Iterator<LabelledBlock> {

    private final ShardSamples shard;
    private final Iterator<InternalRow> predictions;
    private final UTF8String model;
    private final ArrayDeque<LabelledBlock> ready = new ArrayDeque<>();
    private LabelledBlock.Builder samples = new LabelledBlock.Builder(false, 0);
    private LabelledBlock.Builder canaries = new LabelledBlock.Builder(true, 0);
    private Iterator<Sample> unpredicted;

    Joined(ShardSamples shard, Iterator<InternalRow> predictions, String model) {
      this.model = UTF8String.fromString(model);
      this.shard = shard;
      this.predictions = predictions;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && predictions.hasNext()) {
        InternalRow row = predictions.next();
        boolean counts = row.getUTF8String(1).equals(model) && !row.isNullAt(2);
        Sample sample = counts ? shard.find(row.getUTF8String(0)) : null;
        if (sample != null && !sample.predicted) {
          sample.predicted = true;
          add(sample, row.getArray(2).toFloatArray());
        }
      }
      if (ready.isEmpty() && unpredicted == null) {
        unpredicted = shard.samples.stream().filter(sample -> !sample.predicted).iterator();
      }
      while (ready.isEmpty() && unpredicted.hasNext()) {
        add(unpredicted.next(), NONE);
      }
      if (ready.isEmpty()) {
        flush();
      }
      return !ready.isEmpty();
    }

    @Override
    public LabelledBlock next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void add(Sample sample, float[] p) {
      if (samples.classes() != p.length) {
        flush();
        samples = new LabelledBlock.Builder(false, p.length);
        canaries = new LabelledBlock.Builder(true, p.length);
      }
      if (sample.given != UNKNOWN) {
        add(samples, sample.id, sample, sample.given, p);
      }
      for (Canary canary : shard.canaries.getOrDefault(sample.id, List.of())) {
        add(canaries, canary.id(), sample, canary.given(), p);
      }
    }

    private void add(
        LabelledBlock.Builder block, UTF8String id, Sample sample, int given, float[] p) {
      block.add(id, shard.shard, sample.key, given, p);
      if (block.isFull()) {
        ready.add(block.build());
      }
    }

    private void flush() {
      for (LabelledBlock.Builder block : List.of(samples, canaries)) {
        if (!block.isEmpty()) {
          ready.add(block.build());
        }
      }
    }
  }
}
