package io.recant.jobs.train;

import static org.apache.spark.sql.functions.col;

import io.recant.core.table.Table;
import io.recant.jobs.train.TrainConfig.ModelPlan;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import io.recant.spark.model.ModelFiles;
import io.recant.spark.step.StepContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * The tokenizer of a small language model: the pieces its corpus uses, counted where the corpus
 * lies.
 */
final class CorpusTokenizer {

  private CorpusTokenizer() {}

  /**
   * A tokenizer in the run.
   *
   * @param folder where its {@code tokenizer.json} is
   * @param sha256 hash of the file
   */
  record Written(String folder, String sha256) {}

  /** Writes {@code tokenizer.json} into a folder of the run. */
  static Written write(StepContext context, ModelPlan plan) {
    PieceCounts counts =
        context
            .read(Table.SAMPLES)
            .where(col("corpus").equalTo(plan.corpus()))
            .select("input", "target")
            .toJavaRDD()
            .mapPartitions(CorpusTokenizer::count)
            .fold(new PieceCounts(), PieceCounts::merge);
    Path folder = new Path(context.runDirectory().path(), "cells/train/tokenizer." + plan.model());
    try (TextTokenizer whole = WordPieceVocabulary.bundled();
        ModelFiles files = ModelFiles.empty()) {
      Files.writeString(
          files.local().resolve("tokenizer.json"),
          WordPieceVocabulary.prune(whole, counts, plan.minPieceCount()));
      files.publish(folder, context.spark().sparkContext().hadoopConfiguration());
      return new Written(folder.toString(), files.sha256("tokenizer.json"));
    } catch (IOException e) {
      throw new UncheckedIOException("tokenizer of " + plan.model(), e);
    }
  }

  private static Iterator<PieceCounts> count(Iterator<Row> rows) {
    PieceCounts counts = new PieceCounts();
    try (TextTokenizer tokenizer = WordPieceVocabulary.bundled()) {
      while (rows.hasNext()) {
        Row row = rows.next();
        counts.add(tokenizer, row.getString(0));
        counts.add(tokenizer, row.getString(1));
      }
    }
    return List.of(counts).iterator();
  }
}
