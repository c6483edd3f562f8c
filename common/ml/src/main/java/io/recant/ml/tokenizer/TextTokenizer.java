package io.recant.ml.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.ml.autograd.PyTorch;
import io.recant.ml.data.Span;
import io.recant.ml.files.BoundedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A {@code tokenizer.json}, run by the library that defines the format. Text goes in without
 * padding, truncation or special tokens: who encodes decides on those.
 *
 * <p>Holds native memory until closed. Encoding and decoding may be called from several threads.
 */
public final class TextTokenizer implements AutoCloseable {

  private static final Map<String, String> AS_IT_IS =
      Map.of("padding", "false", "truncation", "false", "addSpecialTokens", "false");

  /** Vocabularies of a million pieces have a third of it. */
  public static final int MOST_BYTES = 128 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String json;
  private final HuggingFaceTokenizer tokenizer;
  private final Map<String, Integer> ids;

  private final Set<String> specialTokens;

  private TextTokenizer(
      String json,
      HuggingFaceTokenizer tokenizer,
      Map<String, Integer> ids,
      Set<String> specialTokens) {
    this.json = json;
    this.tokenizer = tokenizer;
    this.ids = ids;
    this.specialTokens = specialTokens;
  }

  /**
   * A tokenizer from the text of its {@code tokenizer.json}; the caller closes it.
   *
   * @param where where the text is from, for messages
   * @throws InputException when it is none
   */
  public static TextTokenizer parse(String json, String where) {
    PyTorch.load();
    try {
      JsonNode root = JSON.readTree(json);
      Map<String, Integer> ids = vocabulary(root);
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      return new TextTokenizer(
          json,
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), AS_IT_IS),
          ids,
          specialTokens(root));
    } catch (JsonProcessingException e) {
      throw new InputException(where + ": not JSON", e);
    } catch (IOException | RuntimeException e) {
      throw new InputException(where + ": not a tokenizer.json: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a {@code tokenizer.json}; the caller closes the tokenizer.
   *
   * @throws InputException when the file cannot be read or is none
   */
  public static TextTokenizer load(Path file) {
    return parse(BoundedFile.text(file, MOST_BYTES), file.toString());
  }

  /** Writes the {@code tokenizer.json} it was made from, byte for byte. */
  public void save(Path file) {
    try {
      Files.writeString(file, json);
    } catch (IOException e) {
      throw new StepException("cannot write " + file, e);
    }
  }

  /** The text of its {@code tokenizer.json}. */
  public String json() {
    return json;
  }

  /** One more than the largest id: the rows an embedding needs. */
  public int vocabularySize() {
    return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
  }

  /** The id of a piece or a special token, if there is such a one. */
  public OptionalInt id(String piece) {
    Integer id = ids.get(piece);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** The tokens that stand for no text, such as those that begin, end and divide. */
  public Set<String> specialTokens() {
    return specialTokens;
  }

  /** The ids of a text; special tokens are those that are written in it, none is added. */
  public long[] encode(String text) {
    return tokenizer.encode(text, false, false).getIds();
  }

  /** The pieces of a text, without special tokens. */
  public String[] pieces(String text) {
    return tokenizer.encode(text, false, false).getTokens();
  }

  /**
   * Where the tokens of {@link #encode} stand in the text, each {@code [from, to)} in Unicode code
   * points. A token that is a part of one character has all of it; one that stands for no character
   * is empty.
   */
  public Span[] places(String text) {
    CharSpan[] places = tokenizer.encode(text, false, false).getCharTokenSpans();
    Span[] spans = new Span[places.length];
    for (int i = 0; i < spans.length; i++) {
      spans[i] =
          places[i] == null ? new Span(0, 0) : new Span(places[i].getStart(), places[i].getEnd());
    }
    return spans;
  }

  /** The text of ids, without special tokens. */
  public String decode(long[] tokens) {
    return tokens.length == 0 ? "" : tokenizer.decode(tokens, true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  private static Set<String> specialTokens(JsonNode root) {
    Set<String> special = new TreeSet<>();
    for (JsonNode token : root.path("added_tokens")) {
      if (token.path("special").asBoolean()) {
        special.add(token.path("content").asText());
      }
    }
    return special;
  }

  /** Pieces are an object by piece, or for unigram models an array of pairs in the order of ids. */
  private static Map<String, Integer> vocabulary(JsonNode root) {
    Map<String, Integer> ids = new HashMap<>();
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary.isArray()) {
      for (int i = 0; i < vocabulary.size(); i++) {
        ids.put(vocabulary.get(i).path(0).asText(), i);
      }
    } else {
      vocabulary
          .properties()
          .forEach(entry -> ids.put(entry.getKey(), id(entry.getKey(), entry.getValue())));
    }
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText();
      ids.put(content, id(content, token.path("id")));
    }
    return ids;
  }

  private static int id(String piece, JsonNode id) {
    if (!id.isIntegralNumber()
        || !id.canConvertToInt()
        || id.intValue() < 0
        || id.intValue() == Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the id of '" + piece + "' is " + id);
    }
    return id.intValue();
  }
}
