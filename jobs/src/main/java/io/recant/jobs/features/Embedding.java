package io.recant.jobs.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import io.recant.core.table.Table;
import io.recant.ml.embedding.Embedder;
import io.recant.spark.progress.Progress;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;

/**
 * Vectors of inputs, and of the targets of generation corpora, for samples that came without one.
 */
final class Embedding {

  /**
   * Texts of one task: small enough that progress is seen, large enough that a task is worth
   * starting.
   */
  private static final int ROWS_PER_TASK = 1000;

  /** Texts among which those of like length are put together. */
  private static final int CHUNK = 512;

  private Embedding() {}

  /**
   * Writes table {@code embeddings}.
   *
   * @param named corpora whose inputs are names and no texts
   * @param pictures what has the vectors of pictures, in place of those of their texts
   */
  static void write(
      StepContext context, FeaturesConfig config, Set<String> named, PictureFeatures pictures) {
    Dataset<Row> texts =
        texts(context)
            .where(
                not(
                    col("corpus")
                        .isin(
                            Stream.concat(named.stream(), pictures.corpora().stream()).toArray())))
            .cache();
    long rows = texts.count();
    int tasks = (int) Math.max(1, Math.min(100_000, rows / ROWS_PER_TASK));
    try (Progress.Task progress = context.progress().begin("embedding", rows, "texts")) {
      Dataset<Row> vectors =
          texts
              .repartition(tasks)
              .mapPartitions(
                  new Embed(config.embedding(), progress.counter()),
                  Encoders.row(Schemas.of(Table.EMBEDDINGS)));
      context.write(
          Table.EMBEDDINGS,
          pictures.corpora().isEmpty()
              ? vectors
              : vectors.unionByName(withoutGiven(context, pictures.embeddings())));
    }
    texts.unpersist();
  }

  private static Dataset<Row> texts(StepContext context) {
    Dataset<Row> samples = context.read(Table.SAMPLES);
    Dataset<Row> inputs =
        withoutGiven(context, samples)
            // A row with a picture may have no text, and the empty text's vector says nothing of
            // it.
            .where(col("input").notEqual(""))
            .select(
                col("sample_id"),
                lit("input").as("field"),
                col("input").as("text"),
                col("corpus"),
                col("shard"));
    Dataset<Row> targets =
        samples
            .where("task = 'generation'")
            .select(
                col("sample_id"),
                lit("target").as("field"),
                col("target").as("text"),
                col("corpus"),
                col("shard"));
    return inputs.unionAll(targets);
  }

  /** The samples that came without a vector of their input. */
  private static Dataset<Row> withoutGiven(StepContext context, Dataset<Row> samples) {
    Dataset<Row> given =
        context
            .read(Table.EMBEDDINGS)
            .where("field = 'input'")
            .select("corpus", "sample_id")
            .distinct();
    return samples.join(
        given,
        samples
            .col("corpus")
            .equalTo(given.col("corpus"))
            .and(samples.col("sample_id").equalTo(given.col("sample_id"))),
        "left_anti");
  }

  private record Embed(FeaturesConfig.EmbeddingModel model, LongAccumulator done)
      implements MapPartitionsFunction<Row, Row> {

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      Embedder embedder = SharedEmbedder.of(model);
      return new Iterator<>() {
        private Iterator<Row> batch = List.<Row>of().iterator();

        @Override
        public boolean hasNext() {
          return batch.hasNext() || rows.hasNext();
        }

        @Override
        public Row next() {
          if (!batch.hasNext()) {
            batch = embed(embedder, rows).iterator();
          }
          return batch.next();
        }
      };
    }

    private List<Row> embed(Embedder embedder, Iterator<Row> rows) {
      List<Row> texts = new ArrayList<>();
      while (rows.hasNext() && texts.size() < CHUNK) {
        texts.add(rows.next());
      }
      List<float[]> vectors = embedder.embed(texts.stream().map(row -> row.getString(2)).toList());
      List<Row> embedded = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        Row row = texts.get(i);
        embedded.add(
            RowFactory.create(
                row.getString(0),
                embedder.id(),
                row.getString(1),
                vectors.get(i),
                row.getString(3),
                row.getInt(4)));
      }
      done.add(texts.size());
      return embedded;
    }
  }
}
