package io.recant.ml.causal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The vocabulary of a llama2.c model: SentencePiece's byte pairs (Kudo and Richardson 2018), ids 0
 * to 2 unknown, BOS and EOS, then the 256 bytes, then pieces by falling score.
 *
 * <p>The file, little-endian: the longest piece's length in bytes, then of every token a float32
 * score, its length and its UTF-8 bytes, a space being a space.
 */
final class Llama2cVocabulary {

  static final int UNKNOWN = 0;
  static final int BEGIN = 1;
  private static final int FIRST_BYTE = 3;
  private static final int FIRST_PIECE = FIRST_BYTE + 256;
  private static final List<String> SPECIAL = List.of("<unk>", "<s>", "</s>");

  /** What stands for a space inside a piece, and before every text. */
  private static final String SPACE = "\u2581";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Integer> ids = new HashMap<>();
  private final List<String> pieces = new ArrayList<>(SPECIAL);
  private final List<Float> scores = new ArrayList<>(List.of(0f, 0f, 0f));

  private Llama2cVocabulary() {}

  /**
   * Reads the file.
   *
   * @param size tokens of the model
   * @throws InputException when the file is not that, or has another number of tokens
   */
  static Llama2cVocabulary read(Path file, int size) {
    ByteBuffer buffer;
    try {
      buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read", e);
    }
    if (buffer.remaining() < Integer.BYTES) {
      throw new InputException(file + ": too short for a tokenizer of llama2.c");
    }
    Llama2cVocabulary vocabulary = new Llama2cVocabulary();
    int longest = buffer.getInt();
    int token = 0;
    for (; buffer.hasRemaining(); token++) {
      String where = file + ": token " + token;
      if (buffer.remaining() < Float.BYTES + Integer.BYTES) {
        throw new InputException(where + " is cut off");
      }
      float score = buffer.getFloat();
      int length = buffer.getInt();
      if (length < 0 || length > longest || length > buffer.remaining()) {
        throw new InputException(
            "%s has a length of %d bytes, where the longest has %d and %d are left"
                .formatted(where, length, longest, buffer.remaining()));
      }
      byte[] bytes = new byte[length];
      buffer.get(bytes);
      if (token >= SPECIAL.size()) {
        vocabulary.add(token, text(bytes, where), score, where);
      }
    }
    if (token != size) {
      throw new InputException(file + ": has " + token + " tokens, the model " + size);
    }
    return vocabulary;
  }

  private void add(int token, String text, float score, String where) {
    String piece = text.replace(" ", SPACE);
    if (token < FIRST_PIECE) {
      String expected = "<0x%02X>".formatted(token - FIRST_BYTE);
      if (!piece.equals(expected)) {
        throw new InputException(where + " is '" + piece + "', where " + expected + " should be");
      }
    }
    Integer before = ids.put(piece, token);
    if (before != null || SPECIAL.contains(piece)) {
      throw new InputException(where + ", '" + piece + "', is there twice");
    }
    pieces.add(piece);
    scores.add(score);
  }

  private static String text(byte[] bytes, String where) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InputException(where + " is not UTF-8", e);
    }
  }

  /** The {@code tokenizer.json} of a Llama tokenizer. */
  String toJson() {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < SPECIAL.size(); id++) {
      added
          .addObject()
          .put("id", id)
          .put("content", SPECIAL.get(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    ArrayNode normalizers =
        root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
    replace(normalizers, " ", SPACE);
    root.putNull("pre_tokenizer");
    root.set("post_processor", opened());
    ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
    replace(decoders, SPACE, " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    root.set("model", model());
    return root.toString();
  }

  private static void replace(ArrayNode parts, String what, String by) {
    ObjectNode part = parts.addObject().put("type", "Replace");
    part.putObject("pattern").put("String", what);
    part.put("content", by);
  }

  /** What other tools do when asked for special tokens: BOS before a text. */
  private static ObjectNode opened() {
    String begin = SPECIAL.get(BEGIN);
    ObjectNode processor = JSON.createObjectNode().put("type", "TemplateProcessing");
    opened(processor.putArray("single"), begin, "A", 0);
    ArrayNode pair = processor.putArray("pair");
    opened(pair, begin, "A", 0);
    opened(pair, begin, "B", 1);
    ObjectNode token = processor.putObject("special_tokens").putObject(begin).put("id", begin);
    token.putArray("ids").add(BEGIN);
    token.putArray("tokens").add(begin);
    return processor;
  }

  private static void opened(ArrayNode template, String begin, String sequence, int type) {
    template.addObject().putObject("SpecialToken").put("id", begin).put("type_id", type);
    template.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
  }

  private ObjectNode model() {
    ObjectNode model = JSON.createObjectNode().put("type", "BPE").putNull("dropout");
    model.put("unk_token", SPECIAL.get(UNKNOWN)).put("fuse_unk", true).put("byte_fallback", true);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      vocabulary.put(pieces.get(id), id);
    }
    ArrayNode merges = model.putArray("merges");
    merges().forEach(merges::add);
    return model;
  }

  /**
   * Every way to make a piece of two others, the best piece first: SentencePiece joins whatever
   * neighbours make the piece of the highest score.
   */
  private List<String> merges() {
    List<Integer> order = new ArrayList<>();
    for (int id = FIRST_PIECE; id < pieces.size(); id++) {
      order.add(id);
    }
    order.sort(Comparator.comparing(scores::get, Comparator.reverseOrder()));
    List<String> merges = new ArrayList<>();
    for (int id : order) {
      String piece = pieces.get(id);
      for (int at = 1; at < piece.length(); at++) {
        String left = piece.substring(0, at);
        String right = piece.substring(at);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          merges.add(left + " " + right);
        }
      }
    }
    return merges;
  }
}
