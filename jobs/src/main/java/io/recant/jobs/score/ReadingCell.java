package io.recant.jobs.score;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.recant.jobs.cells.CellDevice;
import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.SettingsText;
import io.recant.jobs.cells.StoredPicture;
import io.recant.ml.data.Example;
import io.recant.ml.metric.Reading;
import io.recant.ml.metric.ScoredRow;
import io.recant.ml.model.Model;
import io.recant.ml.reading.EvaluationRow;
import io.recant.ml.reading.ReadingSettings;
import io.recant.ml.reading.RowReader;
import io.recant.spark.grid.CellContext;
import io.recant.spark.grid.CellTask;
import io.recant.spark.grid.DeviceChoice;
import io.recant.spark.model.ModelFiles;
import io.recant.spark.table.ParquetRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/** Reads off one model what all metrics together want to know. */
final class ReadingCell implements CellTask<ReadingCell.Spec, ReadingCell.Result> {

  private static final long serialVersionUID = 1L;

  private final DeviceChoice device;

  ReadingCell(DeviceChoice device) {
    this.device = device;
  }

  /**
   * What is read. A reading is used again where the model's weights, the evaluation's rows and the
   * settings are the same; where they lie, and what the model is called, does not count.
   *
   * @param sha256 hash of the model's weights
   * @param configHash hash of the settings it was made with: a method may change its prompts alone
   * @param evaluation hash of the rows
   * @param readings names of what is read
   * @param settings how, as JSON
   * @param directory the model directory
   * @param files the rows of the model's corpus
   * @param target the file to write
   */
  record Spec(
      String family,
      String sha256,
      String configHash,
      String evaluation,
      Set<Reading> readings,
      String settings,
      int batchSize,
      long seed,
      @JsonIgnore String directory,
      @JsonIgnore List<String> files,
      @JsonIgnore String target)
      implements Serializable {}

  /**
   * What was read.
   *
   * @param hash of what is in the file
   */
  record Result(String hash) {}

  @Override
  public Result run(Spec spec, CellContext context) throws IOException {
    try (ModelFiles files = ModelFiles.stage(new Path(spec.directory()), context.hadoop());
        Model model =
            ModelFamilies.load()
                .get(spec.family(), "checkpoints.family")
                .load(files.local(), CellDevice.of(device, context.device()).device())) {
      ReadingSettings settings =
          SettingsText.read(spec.settings(), ReadingSettings.class, "score.reading");
      List<ScoredRow> rows =
          new RowReader(model, rows(spec, context), settings, spec.batchSize(), spec.seed())
              .read(spec.readings());
      return new Result(ScoredRows.write(rows, new Path(spec.target()), context.hadoop()));
    }
  }

  private static List<EvaluationRow> rows(Spec spec, CellContext context) {
    List<EvaluationRow> rows = new ArrayList<>();
    for (String file : spec.files()) {
      ScoredRow.Part part = part(file);
      try (ParquetRows read = ParquetRows.open(List.of(new Path(file)), context.hadoop())) {
        read.forEachRemaining(row -> rows.add(row(part, row)));
      }
    }
    rows.sort(Comparator.comparing(EvaluationRow::part).thenComparing(row -> row.example().id()));
    return rows;
  }

  private static EvaluationRow row(ScoredRow.Part part, ParquetRows.Row row) {
    return new EvaluationRow(
        part,
        row.string("set"),
        "affected".equals(row.string("domain")),
        new Example(
                row.string("sample_id"),
                row.string("input"),
                row.string("target"),
                row.floats("vector"))
            .withImage(StoredPicture.decode(row.bytes("image"))),
        row.string("false_target"),
        row.string("paraphrase"),
        row.strings("alternatives"),
        row.strings("accepted"));
  }

  private static ScoredRow.Part part(String file) {
    String folder = file.substring(file.indexOf("/part=") + "/part=".length());
    return ScoredRow.Part.valueOf(
        folder.substring(0, folder.indexOf('/')).toUpperCase(Locale.ROOT));
  }
}
