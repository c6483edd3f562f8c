package io.recant.spark.step;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Says in which keys two configurations differ. */
final class ConfigDifference {

  private static final int MOST = 5;

  private ConfigDifference() {}

  /** The first few differences as {@code key: committed value -> value now}. */
  static String describe(JsonNode committed, JsonNode now) {
    List<String> differences = new ArrayList<>();
    collect("", committed, now, differences);
    if (differences.isEmpty()) {
      return "the run's seed or shards differ";
    }
    String more = differences.size() > MOST ? ", and " + (differences.size() - MOST) + " more" : "";
    return String.join(", ", differences.subList(0, Math.min(MOST, differences.size()))) + more;
  }

  private static void collect(
      String path, JsonNode committed, JsonNode now, List<String> differences) {
    if (committed.isObject() && now.isObject()) {
      TreeSet<String> keys = new TreeSet<>();
      committed.fieldNames().forEachRemaining(keys::add);
      now.fieldNames().forEachRemaining(keys::add);
      for (String key : keys) {
        collect(
            path.isEmpty() ? key : path + "." + key,
            committed.path(key),
            now.path(key),
            differences);
      }
    } else if (committed.isArray() && now.isArray() && committed.size() == now.size()) {
      for (int i = 0; i < now.size(); i++) {
        collect(path + "[" + i + "]", committed.get(i), now.get(i), differences);
      }
    } else if (!committed.toString().equals(now.toString())) {
      differences.add(path + ": " + shown(committed) + " -> " + shown(now));
    }
  }

  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "(absent)" : node.toString();
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }
}
