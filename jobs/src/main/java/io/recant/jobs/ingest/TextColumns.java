package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.forall;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_keys;
import static org.apache.spark.sql.functions.map_values;
import static org.apache.spark.sql.functions.octet_length;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What can be asked of the texts of a column, however deep they lie in it. */
final class TextColumns {

  private TextColumns() {}

  /** How many bytes its texts and binaries have together. */
  static Column bytes(Column column, DataType type) {
    if (type instanceof StringType || type instanceof BinaryType) {
      return coalesce(octet_length(column).cast("long"), lit(0L));
    }
    if (!holdsText(type, true)) {
      return lit(0L);
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields())
          .map(field -> bytes(column.getField(field.name()), field.dataType()))
          .reduce(lit(0L), Column::plus);
    }
    if (type instanceof MapType map) {
      return bytes(map_keys(column), new ArrayType(map.keyType(), true))
          .plus(bytes(map_values(column), new ArrayType(map.valueType(), true)));
    }
    DataType element = ((ArrayType) type).elementType();
    return coalesce(
        aggregate(column, lit(0L), (sum, item) -> sum.plus(bytes(item, element))), lit(0L));
  }

  /** Whether all its texts are UTF-8. */
  static Column areUtf8(Column column, DataType type) {
    if (type instanceof StringType) {
      return coalesce(is_valid_utf8(column), lit(true));
    }
    if (!holdsText(type, false)) {
      return lit(true);
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields())
          .map(field -> areUtf8(column.getField(field.name()), field.dataType()))
          .reduce(lit(true), Column::and);
    }
    if (type instanceof MapType map) {
      return areUtf8(map_keys(column), new ArrayType(map.keyType(), true))
          .and(areUtf8(map_values(column), new ArrayType(map.valueType(), true)));
    }
    DataType element = ((ArrayType) type).elementType();
    return coalesce(forall(column, item -> areUtf8(item, element)), lit(true));
  }

  /** The type with binaries in place of texts. */
  static DataType asBinary(DataType type) {
    if (type instanceof StringType) {
      return DataTypes.BinaryType;
    }
    if (type instanceof StructType struct) {
      return new StructType(
          Arrays.stream(struct.fields())
              .map(
                  field ->
                      new StructField(
                          field.name(),
                          asBinary(field.dataType()),
                          field.nullable(),
                          field.metadata()))
              .toArray(StructField[]::new));
    }
    if (type instanceof ArrayType array) {
      return new ArrayType(asBinary(array.elementType()), array.containsNull());
    }
    return type instanceof MapType map
        ? new MapType(map.keyType(), asBinary(map.valueType()), map.valueContainsNull())
        : type;
  }

  private static boolean holdsText(DataType type, boolean orBinary) {
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).anyMatch(f -> holdsText(f.dataType(), orBinary));
    }
    if (type instanceof MapType map) {
      return holdsText(map.keyType(), orBinary) || holdsText(map.valueType(), orBinary);
    }
    return type instanceof ArrayType array
        ? holdsText(array.elementType(), orBinary)
        : type instanceof StringType || orBinary && type instanceof BinaryType;
  }
}
