package io.recant.spark.table;

import io.recant.core.table.Table;
import io.recant.core.table.TableSchema;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A table's schema as Spark's. */
public final class Schemas {

  private Schemas() {}

  /** Every column of the table, partition columns included, with its description as the comment. */
  public static StructType of(Table table) {
    StructType type = new StructType();
    for (TableSchema.Column column : table.schema().columns()) {
      type =
          type.add(
              new StructField(
                  column.name(),
                  DataType.fromDDL(column.type()),
                  column.nullable(),
                  new MetadataBuilder().putString("comment", column.doc()).build()));
    }
    return type;
  }
}
