package io.recant.jobs.report;

import static org.apache.spark.sql.functions.col;

import io.recant.jobs.report.ReportData.Picture;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The pictures of a few samples. They are read after the samples are chosen, since a sort would
 * carry those of every candidate, and become thumbnails before they leave an executor.
 */
final class SamplePictures {

  private static final StructType SHOWN =
      new StructType()
          .add("sample_id", DataTypes.StringType, false)
          .add("src", DataTypes.StringType, true)
          .add("width", DataTypes.IntegerType, false)
          .add("height", DataTypes.IntegerType, false)
          .add("full_width", DataTypes.IntegerType, false)
          .add("full_height", DataTypes.IntegerType, false);

  private SamplePictures() {}

  /**
   * The pictures of those samples that have one, by id.
   *
   * @param samples with {@code sample_id} and {@code image}
   */
  static Map<String, Picture> of(Dataset<Row> samples, Object[] ids) {
    Map<String, Picture> pictures = new HashMap<>();
    for (Row row :
        samples
            .where(col("sample_id").isin(ids).and(col("image").isNotNull()))
            .select("sample_id", "image")
            .map((MapFunction<Row, Row>) SamplePictures::shown, Encoders.row(SHOWN))
            .collectAsList()) {
      pictures.put(
          row.getString(0),
          new Picture(
              row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4), row.getInt(5)));
    }
    return pictures;
  }

  private static Row shown(Row sample) {
    Picture picture = Thumbnail.of(sample.getAs("image"));
    return RowFactory.create(
        sample.getString(0),
        picture.src(),
        picture.width(),
        picture.height(),
        picture.fullWidth(),
        picture.fullHeight());
  }
}
