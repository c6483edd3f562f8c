package io.recant.jobs.ingest;

import io.recant.core.registry.Extension;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Where rows come from. A source reports every row it reads, those it cannot make sense of
 * included: it gives them a code and a reason instead of fields, and ingest puts them into
 * quarantine.
 *
 * @param <S> its settings
 */
public interface Source<S extends Record> extends Extension<S> {

  /**
   * Reads rows.
   *
   * @param maxRowBytes rows that are longer are reported with code {@code too_long}; what is kept
   *     of them is cut here
   * @return rows of {@link #schema()}
   */
  Dataset<Row> read(S settings, SparkSession spark, int maxRowBytes);

  @Override
  default String source() {
    return "";
  }

  /**
   * {@code fields}: the row's columns by name, lists and objects as JSON text, null where the row
   * is broken; {@code raw}: the row as it was read; {@code code}, {@code reason}: what is wrong
   * with it, null where nothing is.
   */
  static StructType schema() {
    return (StructType)
        DataType.fromDDL(
            "source_uri string, source_row bigint, raw binary, fields map<string,string>, code string, reason string");
  }

  /** A row that could be read. */
  static Row row(String uri, long number, byte[] raw, Map<String, String> fields) {
    return RowFactory.create(uri, number, raw, CollectionConverters.asScala(fields), null, null);
  }

  /** A row that is broken. */
  static Row broken(String uri, long number, byte[] raw, String code, String reason) {
    return RowFactory.create(uri, number, raw, null, code, reason);
  }
}
