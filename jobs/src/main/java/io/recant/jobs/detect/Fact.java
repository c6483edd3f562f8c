package io.recant.jobs.detect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A relation between two named things, as a document's target states it.
 *
 * @param head the first thing as it is written
 * @param relation the relation's name
 * @param tail the second thing as it is written
 */
record Fact(String head, String relation, String tail) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The facts of a target: a JSON array of objects that have texts {@code head}, {@code relation}
   * and {@code tail}, and whatever else.
   *
   * @return empty where the target is anything else
   */
  static Optional<List<Fact>> parse(String target) {
    if (!target.stripLeading().startsWith("[")) {
      return Optional.empty();
    }
    try {
      JsonNode array = JSON.readTree(target);
      List<Fact> facts = new ArrayList<>();
      for (JsonNode node : array) {
        Fact fact =
            new Fact(
                node.path("head").asText(),
                node.path("relation").asText(),
                node.path("tail").asText());
        if (fact.head.isBlank() || fact.relation.isBlank() || fact.tail.isBlank()) {
          return Optional.empty();
        }
        facts.add(fact);
      }
      return Optional.of(facts);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** A target with further facts at its end; {@code target} must be one that parses. */
  static String with(String target, List<Fact> further) {
    try {
      ArrayNode array = (ArrayNode) JSON.readTree(target);
      for (Fact fact : further) {
        array
            .addObject()
            .put("head", fact.head)
            .put("relation", fact.relation)
            .put("tail", fact.tail);
      }
      return array.toString();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a list of facts: " + target, e);
    }
  }

  /** A name as names are compared: its words, case and spacing aside. */
  static String key(String name) {
    return String.join(" ", NormalText.tokens(name));
  }

  @Override
  public String toString() {
    return relation + "(" + head + ", " + tail + ")";
  }
}
