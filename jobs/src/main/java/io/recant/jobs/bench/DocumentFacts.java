package io.recant.jobs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.recant.core.error.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Documents in the format of DocRED (Yao et al., ACL 2019) as rows {@code name, input, target}: the
 * sentences, and a JSON array of facts, of which a share is hidden. A thing goes by the name it is
 * mentioned by most often, of equally many the longest.
 */
final class DocumentFacts {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final double share;
  private final SplittableRandom random;

  DocumentFacts(double share, long seed) {
    this.share = share;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Reads a file; {@code hidden} and {@code stated} take the facts as {@link #fact} writes them.
   */
  void read(Path file, List<Row> rows, Set<String> hidden, Set<String> stated) {
    try {
      for (JsonNode document : JSON.readTree(file.toFile())) {
        String name = file.getFileName() + "/" + rows.size();
        List<String> names = new ArrayList<>();
        document.get("vertexSet").forEach(vertex -> names.add(name(vertex)));
        ArrayNode facts = JSON.createArrayNode();
        for (JsonNode label : document.get("labels")) {
          String head = names.get(label.get("h").asInt());
          String tail = names.get(label.get("t").asInt());
          String relation = label.get("r").asText();
          if (random.nextDouble() < share) {
            hidden.add(fact(name, head, relation, tail));
          } else {
            stated.add(fact(name, head, relation, tail));
            facts.addObject().put("head", head).put("relation", relation).put("tail", tail);
          }
        }
        rows.add(RowFactory.create(name, text(document), facts.toString()));
      }
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** A fact of a document, as facts are compared here: case and white space aside. */
  static String fact(String document, String head, String relation, String tail) {
    return String.join("\t", document, plain(head), relation, plain(tail));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").strip();
  }

  private static String name(JsonNode vertex) {
    Map<String, Integer> mentions = new TreeMap<>();
    vertex.forEach(mention -> mentions.merge(mention.get("name").asText(), 1, Integer::sum));
    return mentions.entrySet().stream()
        .max(
            Map.Entry.<String, Integer>comparingByValue()
                .thenComparing(entry -> entry.getKey().length())
                .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()))
        .orElseThrow()
        .getKey();
  }

  private static String text(JsonNode document) {
    List<String> words = new ArrayList<>();
    document.get("sents").forEach(sentence -> sentence.forEach(word -> words.add(word.asText())));
    return String.join(" ", words);
  }
}
