package io.recant.jobs.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.manifest.Json;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Makes a source's row a sample, or says why it cannot be one.
 *
 * @param corpus the corpus's name
 * @param columns Recant's column to the source's
 * @param shards how many shards there are
 */
record SampleParser(
    String corpus,
    String task,
    HashMap<String, String> columns,
    int shards,
    long splitSeed,
    double testShare)
    implements MapFunction<Row, Row>, Serializable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> OWN =
      List.of(
          "id",
          "input",
          "target",
          "context",
          "entity",
          "split",
          "probabilities",
          "embedding",
          "annotator");

  /** Probabilities that add up to 1 within this are scaled to do so; others are quarantined. */
  private static final double TOLERANCE = 1e-3;

  /** A sample's columns, and {@code code}/{@code reason} where it is none. */
  static StructType schema() {
    return (StructType)
        DataType.fromDDL(
            "sample_id string, own_id string, input string, target string, context string, entity string, split string,"
                + " meta string, probabilities array<float>, embedding array<float>, annotator string,"
                + " source_uri string, source_row bigint, shard int, raw binary, code string, reason string");
  }

  /** What is wrong with a row. */
  private static final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;

    Refused(String code, String reason) {
      super(reason);
      this.code = code;
    }
  }

  @Override
  public Row call(Row row) {
    if (row.getAs("code") != null) {
      return refused(row, row.getAs("code"), row.getAs("reason"));
    }
    try {
      return sample(row, new HashMap<>(row.<String, String>getJavaMap(row.fieldIndex("fields"))));
    } catch (Refused e) {
      return refused(row, e.code, e.getMessage());
    }
  }

  private Row sample(Row row, Map<String, String> fields) throws Refused {
    Map<String, String> own = new HashMap<>();
    for (String column : OWN) {
      String name = columns.getOrDefault(column, column);
      if (columns.containsKey(column) && !fields.containsKey(name)) {
        throw new Refused(
            "missing_" + column, "there is no column '" + name + "', which is to be " + column);
      }
      own.put(column, fields.get(name));
    }
    own.keySet().forEach(column -> fields.remove(columns.getOrDefault(column, column)));
    require(own, "input");
    require(own, "target");
    String ownId = own.get("id");
    String identity =
        ownId != null
            ? "id:" + ownId
            : "content:" + own.get("input") + "\u0000" + own.get("target");
    String sampleId = Json.sha256(corpus + "\u0000" + identity).substring(0, 32);
    String split = own.get("split") == null ? drawnSplit(sampleId) : own.get("split");
    return RowFactory.create(
        sampleId,
        ownId,
        own.get("input"),
        own.get("target"),
        own.get("context"),
        own.get("entity"),
        split,
        meta(fields),
        probabilities(own.get("probabilities")),
        embedding(own.get("embedding")),
        own.get("annotator"),
        row.getAs("source_uri"),
        row.getAs("source_row"),
        Math.floorMod(Long.parseUnsignedLong(sampleId.substring(0, 16), 16), shards),
        row.getAs("raw"),
        null,
        null);
  }

  private static Row refused(Row row, String code, String reason) {
    return RowFactory.create(
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        row.getAs("source_uri"),
        row.getAs("source_row"),
        null,
        row.getAs("raw"),
        code,
        reason);
  }

  private void require(Map<String, String> own, String column) throws Refused {
    if (own.get(column) == null || own.get(column).isBlank()) {
      throw new Refused(
          "missing_" + column,
          "no value for " + column + " (column '" + columns.getOrDefault(column, column) + "')");
    }
  }

  /** A share of the rows, the same whatever the partitions. */
  private String drawnSplit(String sampleId) {
    long hash = Long.parseUnsignedLong(Json.sha256(splitSeed + sampleId).substring(0, 15), 16);
    return hash / (double) (1L << 60) < testShare ? "test" : "train";
  }

  private static String meta(Map<String, String> fields) {
    fields.values().removeIf(value -> value == null);
    return fields.isEmpty()
        ? null
        : new String(compact(new TreeMap<>(fields)), StandardCharsets.UTF_8);
  }

  private static byte[] compact(Map<String, String> fields) {
    try {
      return JSON.writeValueAsBytes(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text is always JSON", e);
    }
  }

  private static float[] probabilities(String text) throws Refused {
    if (text == null) {
      return null;
    }
    float[] values = numbers("probabilities", text);
    double sum = 0;
    for (float value : values) {
      if (value < 0) {
        throw new Refused("bad_probabilities", "a probability is negative: " + value);
      }
      sum += value;
    }
    if (Math.abs(sum - 1) > TOLERANCE) {
      throw new Refused("bad_probabilities", "the probabilities add up to " + sum + ", not to 1");
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] / sum);
    }
    return values;
  }

  private static float[] embedding(String text) throws Refused {
    if (text == null) {
      return null;
    }
    float[] values = numbers("embedding", text);
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    if (squares == 0) {
      throw new Refused("bad_embedding", "the embedding is all zeros");
    }
    return values;
  }

  private static float[] numbers(String column, String text) throws Refused {
    try {
      JsonNode list = JSON.readTree(text);
      if (list == null || !list.isArray() || list.isEmpty()) {
        throw new Refused("bad_" + column, column + " is not a list of numbers");
      }
      float[] values = new float[list.size()];
      for (int i = 0; i < values.length; i++) {
        if (!list.get(i).isNumber() || !Float.isFinite(list.get(i).floatValue())) {
          throw new Refused(
              "bad_" + column, column + "[" + i + "] is " + list.get(i) + ", not a finite number");
        }
        values[i] = list.get(i).floatValue();
      }
      return values;
    } catch (JsonProcessingException e) {
      throw new Refused("bad_" + column, column + " is not a list of numbers");
    }
  }
}
