package io.recant.jobs.features;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.StoredPicture;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.spark.model.ModelFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One task: what models say of pictures, which come ordered by corpus and fold. Two models are
 * loaded at a time, the one that has not seen the fold and the one that has seen all; a chunk of
 * pictures is held.
 *
 * @param family the models' family
 * @param run the run directory, where the models are
 */
record PictureReading(
    String family, String run, Broadcast<SerializableConfiguration> hadoop, LongAccumulator done)
    implements MapPartitionsFunction<Row, Row> {

  private static final int CHUNK = 256;

  /** Rows of {@link HeadFold}, and the vector. */
  static StructType schema() {
    return HeadFold.schema().add("vector", DataTypes.createArrayType(DataTypes.FloatType, false));
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    Readings readings = new Readings(rows);
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) c -> readings.close());
    return readings;
  }

  private Model load(String corpus, int fold) {
    Path directory = new Path(run, PictureFeatures.uri(corpus, fold));
    try (ModelFiles files = ModelFiles.stage(directory, hadoop.value().value())) {
      return ModelFamilies.load()
          .get(family, "features.pictures.family")
          .load(files.local(), Device.cpu());
    }
  }

  private final class Readings implements Iterator<Row>, AutoCloseable {

    private final Iterator<Row> rows;
    private Row ahead;
    private Iterator<Row> ready = List.<Row>of().iterator();
    private String corpus = "";
    private int fold;
    private Model whole;
    private Model heldOut;

    Readings(Iterator<Row> rows) {
      this.rows = rows;
      ahead = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
      return ready.hasNext() || ahead != null;
    }

    @Override
    public Row next() {
      if (!ready.hasNext()) {
        ready = read(chunk()).iterator();
      }
      return ready.next();
    }

    /** The next rows that the same models read. */
    private List<Row> chunk() {
      List<Row> chunk = new ArrayList<>();
      turnTo(ahead.getAs("corpus"), ahead.<Integer>getAs("fold"));
      while (ahead != null
          && chunk.size() < CHUNK
          && corpus.equals(ahead.getAs("corpus"))
          && fold == ahead.<Integer>getAs("fold")) {
        chunk.add(ahead);
        ahead = rows.hasNext() ? rows.next() : null;
      }
      return chunk;
    }

    private void turnTo(String nextCorpus, int nextFold) {
      if (corpus.equals(nextCorpus) && fold == nextFold) {
        return;
      }
      boolean sameCorpus = corpus.equals(nextCorpus);
      closeHeldOut();
      if (!sameCorpus) {
        closeWhole();
        whole = load(nextCorpus, PictureFeatures.NO_FOLD);
      }
      if (nextFold != PictureFeatures.NO_FOLD) {
        heldOut = load(nextCorpus, nextFold);
      }
      corpus = nextCorpus;
      fold = nextFold;
    }

    private List<Row> read(List<Row> chunk) {
      List<Example> examples = new ArrayList<>();
      for (Row row : chunk) {
        examples.add(
            new Example(row.getAs("id"), "", null, null)
                .withImage(StoredPicture.decode(row.getAs("image"))));
      }
      List<Row> read = new ArrayList<>();
      try (GradMode off = GradMode.inference();
          NDManager manager = Devices.manager(Device.cpu())) {
        Batch batch = whole.encode(examples, manager);
        float[][] vectors =
            split(whole.activations(batch, whole.layers()).toFloatArray(), chunk.size());
        float[][] logs =
            heldOut == null
                ? new float[chunk.size()][]
                : split(
                    heldOut.logits(heldOut.encode(examples, manager)).logSoftmax(-1).toFloatArray(),
                    chunk.size());
        for (int i = 0; i < chunk.size(); i++) {
          read.add(row(chunk.get(i), logs[i], unit(vectors[i])));
        }
      }
      done.add(chunk.size());
      return read;
    }

    private void closeHeldOut() {
      if (heldOut != null) {
        heldOut.close();
        heldOut = null;
      }
    }

    private void closeWhole() {
      if (whole != null) {
        whole.close();
        whole = null;
      }
    }

    @Override
    public void close() {
      closeHeldOut();
      closeWhole();
    }
  }

  private static Row row(Row of, float[] logProbabilities, float[] vector) {
    return RowFactory.create(
        of.getAs("id"),
        false,
        of.getAs("corpus"),
        of.getAs("shard"),
        0,
        of.getAs("fold"),
        of.getAs("ids"),
        logProbabilities,
        null,
        null,
        null,
        null,
        null,
        vector);
  }

  private static float[][] split(float[] all, int rows) {
    int width = all.length / rows;
    float[][] split = new float[rows][];
    for (int i = 0; i < rows; i++) {
      split[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }
    return split;
  }

  /** The vector at length 1; one of zeros as it is. */
  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float length = squares == 0 ? 1 : (float) Math.sqrt(squares);
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= length;
    }
    return vector;
  }
}
