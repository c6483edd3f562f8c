package io.recant.spark;

import io.recant.core.table.Table;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** Rows of any table: a test names the columns it is about, the others get a harmless value. */
public final class TestRows {

  private TestRows() {}

  /** Rows of a table, one per map. */
  @SafeVarargs
  public static Dataset<Row> of(SparkSession spark, Table table, Map<String, ?>... rows) {
    return of(spark, table, Arrays.asList(rows));
  }

  /** Rows of a table, one per map. */
  public static Dataset<Row> of(
      SparkSession spark, Table table, List<? extends Map<String, ?>> rows) {
    List<Row> made = new ArrayList<>();
    rows.forEach(row -> made.add(row(table, row)));
    return spark.createDataFrame(made, Schemas.of(table));
  }

  /** Classes {@code c0}, {@code c1} and so on. */
  public static Dataset<Row> classes(SparkSession spark, int count) {
    return of(
        spark,
        Table.CLASSES,
        IntStream.range(0, count)
            .mapToObj(i -> Map.of("class_index", i, "class_name", "c" + i))
            .toList());
  }

  /** One row of a table. */
  public static Row row(Table table, Map<String, ?> values) {
    List<String> names = List.of(Schemas.of(table).fieldNames());
    if (!names.containsAll(values.keySet())) {
      throw new IllegalArgumentException(table + " has " + names + ", not all of " + values);
    }
    return RowFactory.create(
        Arrays.stream(Schemas.of(table).fields())
            .map(f -> values.containsKey(f.name()) ? values.get(f.name()) : harmless(f))
            .toArray());
  }

  private static Object harmless(StructField field) {
    if (field.nullable()) {
      return null;
    } else if (field.dataType().equals(DataTypes.StringType)) {
      return "x";
    } else if (field.dataType().equals(DataTypes.LongType)) {
      return 0L;
    } else if (field.dataType().equals(DataTypes.IntegerType)) {
      return 0;
    } else if (field.dataType().equals(DataTypes.DoubleType)) {
      return 0.0;
    } else if (field.dataType().equals(DataTypes.FloatType)) {
      return 0.0f;
    } else if (field.dataType().equals(DataTypes.BooleanType)) {
      return false;
    } else if (field.dataType() instanceof ArrayType) {
      return new Object[0];
    }
    throw new IllegalArgumentException("no harmless value for " + field);
  }
}
