package io.recant.spark.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.MDC;

/**
 * What the log events of a thread say about where they come from, through SLF4J's diagnostic
 * context: {@code mdc.run}, {@code mdc.step}, {@code mdc.corpus}, {@code mdc.model}, {@code
 * mdc.method}, {@code mdc.seed}, {@code mdc.cell}. The prefix is Spark's: local properties that
 * carry it stand in the diagnostic context of tasks under the same name, so one key finds a field
 * on the driver and on executors, in Spark's own events as well. Closing puts back what was there.
 */
public final class LogFields implements AutoCloseable {

  /** What Spark wants a field of tasks to begin with. */
  static final String PREFIX = "mdc.";

  private static final List<String> OF_A_SPECIFICATION =
      List.of("corpus", "model", "method", "seed");

  private final Map<String, String> before = new LinkedHashMap<>();

  private LogFields(Map<String, String> fields) {
    fields.forEach(
        (name, value) -> {
          before.put(PREFIX + name, MDC.get(PREFIX + name));
          MDC.put(PREFIX + name, value);
        });
  }

  /** Adds fields to the events of this thread. */
  static LogFields of(Map<String, String> fields) {
    return new LogFields(fields);
  }

  /**
   * Adds the fields of a cell: its id, and what its specification has under the names {@code
   * corpus, model, method, seed}.
   */
  public static LogFields ofCell(String id, Object specification) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("cell", id);
    JsonNode tree = Json.tree(specification);
    for (String name : OF_A_SPECIFICATION) {
      if (tree.path(name).isValueNode() && !tree.path(name).isNull()) {
        fields.put(name, tree.path(name).asText());
      }
    }
    return new LogFields(fields);
  }

  /** The task with the fields this thread has now, for a thread of its own. */
  public static Runnable carriedBy(Runnable task) {
    Map<String, String> fields = MDC.getCopyOfContextMap();
    return () -> {
      Map<String, String> others = MDC.getCopyOfContextMap();
      set(fields);
      try {
        task.run();
      } finally {
        set(others);
      }
    };
  }

  private static void set(Map<String, String> fields) {
    MDC.setContextMap(fields == null ? Map.of() : fields);
  }

  @Override
  public void close() {
    before.forEach(
        (key, value) -> {
          if (value == null) {
            MDC.remove(key);
          } else {
            MDC.put(key, value);
          }
        });
  }
}
