package io.recant.ml.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Vocabularies for small models: the part of a large WordPiece vocabulary (Schuster and Nakajima
 * 2012; Devlin et al. 2019) that a corpus uses. In a model of a million parameters an embedding of
 * 30,522 rows would be four fifths of the model and of its time.
 *
 * <p>WordPiece takes the longest piece that fits, so with {@code minimumCount} 1 the pruned
 * vocabulary cuts the counted corpus into exactly the pieces the whole one does. What is not kept
 * falls apart into shorter pieces, in the end into characters: every character of the corpus and of
 * ASCII is kept in both its forms, so text of the same alphabet never becomes {@code [UNK]}.
 */
public final class WordPieceVocabulary {

  /** Fills batches up; id 0. */
  public static final String PAD = "[PAD]";

  /** Stands for what no piece fits; id 1. */
  public static final String UNKNOWN = "[UNK]";

  /** Opens a sequence; id 2. */
  public static final String BEGIN = "[BOS]";

  /** Stands between a prompt and its target; id 3. */
  public static final String SEPARATOR = "[SEP]";

  /** Ends a sequence; id 4. */
  public static final String END = "[EOS]";

  private static final List<String> SPECIAL = List.of(PAD, UNKNOWN, BEGIN, SEPARATOR, END);
  private static final String CONTINUING = "##";
  private static final String BUNDLED = "/all-minilm-l6-v2-q-tokenizer.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private WordPieceVocabulary() {}

  /** The bundled vocabulary: lower-cased English, 30,522 pieces. The caller closes it. */
  public static TextTokenizer bundled() {
    try (InputStream in = WordPieceVocabulary.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new InputException("the bundled tokenizer " + BUNDLED + " is not on the class path");
      }
      return TextTokenizer.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), BUNDLED);
    } catch (IOException e) {
      throw new InputException("the bundled tokenizer " + BUNDLED + " cannot be read", e);
    }
  }

  /**
   * Prunes a WordPiece tokenizer to a corpus.
   *
   * @param whole the tokenizer the pieces were counted with
   * @param counts how often each piece occurs in the corpus
   * @param minimumCount pieces that occur less often are left out; at least 1
   * @return a {@code tokenizer.json} with the special tokens first and every other piece after them
   *     in the order of its name; equal arguments give equal text
   * @throws InputException when {@code whole} is not a WordPiece tokenizer
   */
  public static String prune(TextTokenizer whole, PieceCounts counts, long minimumCount) {
    ObjectNode root = read(whole);
    TreeSet<String> kept =
        kept((ObjectNode) root.path("model").path("vocab"), counts, minimumCount);
    ObjectNode ids = JSON.createObjectNode();
    for (String piece : SPECIAL) {
      ids.put(piece, ids.size());
    }
    for (String piece : kept) {
      ids.put(piece, ids.size());
    }
    ((ObjectNode) root.get("model")).put("unk_token", UNKNOWN).set("vocab", ids);
    root.putNull("truncation").putNull("padding");
    root.set("added_tokens", addedTokens());
    root.set("post_processor", promptAndTarget());
    return root.toString();
  }

  private static ObjectNode read(TextTokenizer tokenizer) {
    try {
      JsonNode root = JSON.readTree(tokenizer.json());
      if (!root.path("model").path("type").asText().equals("WordPiece")) {
        throw new InputException(
            "only WordPiece vocabularies can be pruned, this one is "
                + root.path("model").path("type"));
      }
      return (ObjectNode) root;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a parsed tokenizer.json is JSON", e);
    }
  }

  private static TreeSet<String> kept(ObjectNode whole, PieceCounts counts, long minimumCount) {
    TreeSet<String> kept = new TreeSet<>();
    TreeSet<String> characters = new TreeSet<>();
    for (char c = '!'; c <= '~'; c++) {
      characters.add(String.valueOf(c));
    }
    for (Map.Entry<String, Long> entry : counts.byPiece().entrySet()) {
      String piece = entry.getKey();
      if (SPECIAL.contains(piece) || !whole.has(piece)) {
        continue;
      }
      if (entry.getValue() >= minimumCount) {
        kept.add(piece);
      }
      String letters = piece.startsWith(CONTINUING) ? piece.substring(2) : piece;
      letters.codePoints().mapToObj(Character::toString).forEach(characters::add);
    }
    for (String character : characters) {
      for (String form : List.of(character, CONTINUING + character)) {
        if (whole.has(form)) {
          kept.add(form);
        }
      }
    }
    return kept;
  }

  private static ArrayNode addedTokens() {
    ArrayNode added = JSON.createArrayNode();
    for (String token : SPECIAL) {
      added
          .addObject()
          .put("id", added.size() - 1)
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    return added;
  }

  /** What other tools do when asked for special tokens: {@code [BOS] A}, or with a target. */
  private static ObjectNode promptAndTarget() {
    ObjectNode processor = JSON.createObjectNode().put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    special(single, BEGIN, 0);
    sequence(single, "A", 0);
    ArrayNode pair = processor.putArray("pair");
    special(pair, BEGIN, 0);
    sequence(pair, "A", 0);
    special(pair, SEPARATOR, 0);
    sequence(pair, "B", 1);
    special(pair, END, 1);
    ObjectNode tokens = processor.putObject("special_tokens");
    for (String token : List.of(BEGIN, SEPARATOR, END)) {
      ObjectNode entry = tokens.putObject(token).put("id", token);
      entry.putArray("ids").add(SPECIAL.indexOf(token));
      entry.putArray("tokens").add(token);
    }
    return processor;
  }

  private static void special(ArrayNode template, String token, int type) {
    template.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
  }

  private static void sequence(ArrayNode template, String id, int type) {
    template.addObject().putObject("Sequence").put("id", id).put("type_id", type);
  }
}
