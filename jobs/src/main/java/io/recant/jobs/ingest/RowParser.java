package io.recant.jobs.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.ImageShape;
import io.recant.ml.data.Span;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads a row's values into their roles and says why where that cannot be done. Numbers and truth
 * values are taken as text where text is wanted; lists may be written as a JSON text, as in CSV. A
 * picture is decoded once, to see that it can be; of a row with one the input may be missing, and
 * is the empty text then.
 */
final class RowParser implements Serializable {

  /** NaN is let in here so that a row with one is rejected for it and not for its syntax. */
  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private static final String SPANS = "a list of [from, to]";
  private static final ObjectReader TREE = JSON.readerFor(JsonNode.class);

  private final String corpus;
  private final Map<Role, String> columns;
  private final List<String> models;
  private final Set<Role> required;
  private final Set<String> classes;
  private final int maxRowBytes;

  /**
   * A parser for one corpus.
   *
   * @param classes the classes a target may be; every target when empty
   */
  RowParser(String corpus, Columns columns, Set<String> classes, int maxRowBytes) {
    this.corpus = corpus;
    this.columns = columns.byRole();
    this.models = List.copyOf(columns.models().values());
    this.required = columns.required();
    this.classes = classes;
    this.maxRowBytes = maxRowBytes;
  }

  ParsedRow parse(RawRow row) {
    byte[] raw = row.raw();
    if (raw == null && row.fields() != null) {
      raw = row.fields().getBytes(StandardCharsets.UTF_8);
    }
    byte[] kept = raw == null ? new byte[0] : RawRow.cut(raw, maxRowBytes);
    try {
      if (row.rejection() != null) {
        throw new RejectedRow(row.rejection());
      }
      if (raw != null && raw.length > maxRowBytes) {
        throw new RejectedRow(Rejection.tooLong(raw.length, maxRowBytes));
      }
      return read(row, kept, tree(row.fields()));
    } catch (RejectedRow e) {
      return ParsedRow.rejected(row, kept, e.rejection());
    }
  }

  private static ObjectNode tree(String fields) {
    try {
      JsonNode node = parsed(fields);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw new RejectedRow(Rejection.MALFORMED, "not a JSON object");
    } catch (JsonProcessingException e) {
      long column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new RejectedRow(
          Rejection.MALFORMED,
          "not valid JSON at character " + column + ": " + firstLine(e.getOriginalMessage()));
    }
  }

  /**
   * A text as JSON.
   *
   * @throws RejectedRow where its strings are no text that could be written again
   */
  private static JsonNode parsed(String text) throws JsonProcessingException {
    try {
      JsonNode node = TREE.readTree(text);
      if (text.contains("\\u") && !StandardCharsets.UTF_8.newEncoder().canEncode(node.toString())) {
        throw new RejectedRow(Rejection.MALFORMED, "holds half a surrogate pair, which is no text");
      }
      return node;
    } catch (NumberFormatException e) {
      throw new RejectedRow(Rejection.MALFORMED, "holds a number with an exponent beyond 32 bits");
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  private ParsedRow read(RawRow row, byte[] raw, ObjectNode fields) {
    Map<Role, JsonNode> values = values(fields);
    String input = values.containsKey(Role.INPUT) ? text(values, Role.INPUT) : "";
    String target = text(values, Role.TARGET);
    if (!classes.isEmpty() && !classes.contains(target)) {
      throw new RejectedRow(
          Rejection.UNKNOWN_CLASS, "'" + target + "' is not one of the corpus's classes");
    }
    String id = text(values, Role.ID);
    String context = text(values, Role.CONTEXT);
    String entity = text(values, Role.ENTITY);
    Picture picture = picture(values.get(Role.IMAGE));
    byte[] image = picture == null ? null : picture.encoded();
    List<String> steps = steps(values.get(Role.STEPS));
    List<Span> spans = spans(values.get(Role.SPANS), target);
    double[] probabilities = numbers(values, Role.PROBABILITIES, Rejection.WRONG_PROBABILITIES);
    double[] embedding = numbers(values, Role.EMBEDDING, Rejection.WRONG_EMBEDDING);
    String meta = meta(fields);
    String key =
        id != null
            ? SampleId.ofOwnId(corpus, id)
            : SampleId.ofContent(
                corpus,
                input,
                target,
                context,
                entity,
                image == null ? null : encoded(BinaryNode.valueOf(image)),
                encoded(values.get(Role.STEPS)),
                meta);
    return new ParsedRow(
        row,
        raw,
        null,
        key,
        id != null,
        input,
        target,
        context,
        entity,
        text(values, Role.SPLIT),
        image,
        picture == null ? null : picture.shape(),
        steps,
        spans,
        meta,
        text(values, Role.ANNOTATOR),
        probabilities == null ? null : Vectors.probabilities(probabilities),
        embedding == null ? null : Vectors.embedding(embedding),
        models(fields));
  }

  /** The values that are there; empty text is no value. */
  private Map<Role, JsonNode> values(ObjectNode fields) {
    Map<Role, JsonNode> values = new TreeMap<>();
    columns.forEach(
        (role, column) -> {
          JsonNode value = fields.get(column);
          if (isThere(value)) {
            values.put(role, value);
          }
        });
    columns.forEach(
        (role, column) -> {
          boolean shown = role == Role.INPUT && values.containsKey(Role.IMAGE);
          if (required.contains(role) && !values.containsKey(role) && !shown) {
            throw new RejectedRow(Rejection.missing(role, column));
          }
        });
    return values;
  }

  private static boolean isThere(JsonNode value) {
    return value != null && !value.isNull() && !(value.isTextual() && value.asText().isBlank());
  }

  private String text(Map<Role, JsonNode> values, Role role) {
    JsonNode value = values.get(role);
    if (value == null) {
      return null;
    }
    if (!value.isValueNode()) {
      throw wrongType(role, "a text", value);
    }
    return value.asText();
  }

  private record Picture(byte[] encoded, ImageShape shape) {}

  private Picture picture(JsonNode value) {
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrongType(Role.IMAGE, "base64", value);
    }
    try {
      byte[] image = value.binaryValue();
      return new Picture(image, ImageDecoder.ofSamples().decode(image).shape());
    } catch (IOException e) {
      throw wrongType(Role.IMAGE, "base64", value);
    } catch (InputException e) {
      throw new RejectedRow(Rejection.WRONG_IMAGE, e.getMessage());
    }
  }

  private List<String> steps(JsonNode value) {
    if (value == null) {
      return null;
    }
    JsonNode list = list(value);
    if (list == null) {
      throw wrongType(Role.STEPS, "a list of texts", value);
    }
    List<String> steps = new ArrayList<>(list.size());
    for (JsonNode step : list) {
      if (!step.isTextual()) {
        throw wrongType(Role.STEPS, "a list of texts", value);
      }
      steps.add(step.asText());
    }
    return steps;
  }

  /** Pairs, or objects with from and to as Recant's own tables have them. */
  private List<Span> spans(JsonNode value, String target) {
    if (value == null) {
      return null;
    }
    JsonNode list = list(value);
    if (list == null) {
      throw wrongType(Role.SPANS, SPANS, value);
    }
    List<Span> spans = new ArrayList<>(list.size());
    for (JsonNode span : list) {
      JsonNode from = span.isArray() && span.size() == 2 ? span.get(0) : span.path("from");
      JsonNode to = span.isArray() && span.size() == 2 ? span.get(1) : span.path("to");
      if (!from.isIntegralNumber()
          || !from.canConvertToInt()
          || !to.isIntegralNumber()
          || !to.canConvertToInt()) {
        throw wrongType(Role.SPANS, SPANS, value);
      }
      spans.add(new Span(from.intValue(), to.intValue()));
    }
    try {
      return spans.isEmpty() ? null : Span.checked(spans, target);
    } catch (InputException e) {
      throw new RejectedRow(Rejection.WRONG_SPANS, e.getMessage());
    }
  }

  private double[] numbers(Map<Role, JsonNode> values, Role role, String code) {
    JsonNode value = values.get(role);
    return value == null ? null : numbers(value, role, columns.get(role), code);
  }

  /** Probabilities of the further models, in the order of their names. */
  private float[][] models(ObjectNode fields) {
    float[][] probabilities = new float[models.size()][];
    for (int m = 0; m < probabilities.length; m++) {
      JsonNode value = fields.get(models.get(m));
      if (value == null || value.isNull()) {
        throw new RejectedRow(Rejection.missing(Role.PROBABILITIES, models.get(m)));
      }
      probabilities[m] =
          Vectors.probabilities(
              numbers(value, Role.PROBABILITIES, models.get(m), Rejection.WRONG_PROBABILITIES));
    }
    return probabilities;
  }

  private static double[] numbers(JsonNode value, Role role, String column, String code) {
    JsonNode list = list(value);
    if (list == null) {
      throw wrongType(column, "a list of numbers", value);
    }
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(list.get(i), role, column, i, code);
    }
    return numbers;
  }

  /** Parquet's NaN and infinities arrive as the texts JSON has for them. */
  private static double number(
      JsonNode value, Role role, String column, int position, String code) {
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isNull() || Set.of("NaN", "Infinity", "-Infinity").contains(value.asText())) {
      throw new RejectedRow(code, role.key() + "[" + position + "] is " + value.asText());
    }
    throw wrongType(column, "a list of numbers", value);
  }

  private static JsonNode list(JsonNode value) {
    if (value.isArray()) {
      return value;
    }
    try {
      JsonNode parsed = value.isTextual() ? parsed(value.textValue()) : value;
      return parsed.isArray() ? parsed : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private RejectedRow wrongType(Role role, String wanted, JsonNode value) {
    return wrongType(columns.get(role), wanted, value);
  }

  private static RejectedRow wrongType(String column, String wanted, JsonNode value) {
    String shown = value.toString();
    return new RejectedRow(
        Rejection.WRONG_TYPE,
        "'"
            + column
            + "' should be "
            + wanted
            + " and is "
            + (shown.length() > 60 ? shown.substring(0, 57) + "..." : shown));
  }

  private static String encoded(JsonNode value) {
    return value == null ? null : value.toString();
  }

  /** Keys sorted, so that equal rows have equal meta whatever wrote them. */
  private String meta(ObjectNode fields) {
    Map<String, JsonNode> rest = new TreeMap<>();
    fields.properties().forEach(e -> rest.put(e.getKey(), e.getValue()));
    rest.keySet().removeAll(columns.values());
    rest.keySet().removeAll(models);
    rest.values().removeIf(JsonNode::isNull);
    try {
      return rest.isEmpty() ? null : JSON.writeValueAsString(rest);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that was read cannot be written", e);
    }
  }
}
