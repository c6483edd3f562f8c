package io.recant.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.recant.core.error.ConfigException;
import io.recant.core.redact.Redaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * One YAML file: the run, the steps in order, and a section per step. Sections stay trees here;
 * each step binds its own.
 *
 * @param run what the whole run shares
 * @param steps the names of the steps, in the order {@code pipeline} runs them
 * @param sections the tree of each step by its name
 */
public record PipelineConfig(Run run, List<String> steps, ObjectNode sections) {

  private static final ObjectMapper YAML =
      new ObjectMapper(
              new YAMLFactory().enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS))
          .enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** What every step of a run shares. */
  public record Run(
      @Setting(value = "Name of the run: its folder under root") String id,
      @Setting(
              value = "Where runs are kept: a folder of any Hadoop filesystem",
              defaultValue = "runs")
          String root,
      @Setting(value = "The seed every draw derives from", defaultValue = "42") long seed,
      @Setting(
              value = "How many shards large tables are cut into",
              defaultValue = "4",
              min = 1,
              max = 100000)
          int shards) {}

  /**
   * Parses a configuration.
   *
   * @param yaml the file's text
   * @param file its name, for messages
   * @param overrides {@code a.b.c=value} assignments from the command line, applied in order
   * @param stepNames the steps there are; each may have a section
   */
  public static PipelineConfig parse(
      String yaml, String file, List<String> overrides, Collection<String> stepNames) {
    ObjectNode tree = readTree(yaml, file);
    for (String override : overrides) {
      apply(tree, override);
    }
    TreeSet<String> known = new TreeSet<>(stepNames);
    known.add("run");
    known.add("steps");
    for (String key : (Iterable<String>) tree::fieldNames) {
      if (!known.contains(key)) {
        throw new ConfigException(
            "unknown key '" + key + "' in " + file + Nearest.suggestion(key, known));
      }
    }
    for (String step : stepNames) {
      SettingsBinder.requireMapping(tree.get(step), step);
    }
    Run run = SettingsBinder.bind(tree.get("run"), Run.class, "run");
    if (!run.id().matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new ConfigException(
          "run.id: '" + run.id() + "' cannot name a folder; use letters, digits, '.', '_' and '-'");
    }
    return new PipelineConfig(
        run, steps(tree.get("steps"), stepNames), tree.without(List.of("run", "steps")));
  }

  /** The tree of one step; empty when the file has no section for it. */
  public ObjectNode section(String step) {
    return sections.get(step) instanceof ObjectNode section
        ? section
        : JsonNodeFactory.instance.objectNode();
  }

  /**
   * A tree made of nothing but {@code a.b.c=value} assignments.
   *
   * @throws ConfigException where one is not of that form
   */
  public static ObjectNode assigned(List<String> assignments) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    assignments.forEach(assignment -> apply(tree, assignment));
    return tree;
  }

  private static ObjectNode readTree(String yaml, String file) {
    try {
      JsonNode tree = YAML.readTree(yaml);
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(
          file + ": expected a mapping at the top (run, steps, and a section per step)");
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          file
              + ": not valid YAML at line "
              + e.getLocation().getLineNr()
              + ": "
              + e.getOriginalMessage(),
          e);
    }
  }

  private static void apply(ObjectNode tree, String override) {
    int equals = override.indexOf('=');
    if (equals <= 0) {
      throw new ConfigException(
          "--set " + shown(override) + ": expected key=value, for example --set run.seed=7");
    }
    String[] path = override.substring(0, equals).split("\\.", -1);
    if (Arrays.stream(path).anyMatch(String::isBlank)) {
      throw new ConfigException("--set " + shown(override) + ": a part of the key is empty");
    }
    ObjectNode node = tree;
    for (int i = 0; i < path.length - 1; i++) {
      JsonNode child = node.get(path[i]);
      if (child == null || child.isNull()) {
        child = node.putObject(path[i]);
      }
      if (!(child instanceof ObjectNode object)) {
        throw new ConfigException(
            "--set " + shown(override) + ": '" + path[i] + "' holds a value, not keys");
      }
      node = object;
    }
    node.set(path[path.length - 1], readValue(override.substring(equals + 1), override));
  }

  /** An assignment as a message may show it. */
  private static String shown(String override) {
    String key = override.substring(0, Math.max(0, override.indexOf('=')));
    return Redaction.isSensitive(key) ? key + "=" + Redaction.MARK : Redaction.uris(override);
  }

  private static JsonNode readValue(String value, String override) {
    try {
      JsonNode node = YAML.readTree(value);
      return node == null || node.isMissingNode() ? JsonNodeFactory.instance.nullNode() : node;
    } catch (JsonProcessingException e) {
      throw new ConfigException("--set " + shown(override) + ": the value is not valid YAML", e);
    }
  }

  private static List<String> steps(JsonNode node, Collection<String> known) {
    List<String> steps = new ArrayList<>();
    if (node == null || !node.isArray() || node.isEmpty()) {
      throw new ConfigException(
          "steps: expected a list of step names, such as [ingest, features, detect, decide]");
    }
    for (JsonNode name : node) {
      if (!known.contains(name.asText())) {
        throw new ConfigException(
            "steps: there is no step '"
                + name.asText()
                + "'"
                + Nearest.suggestion(name.asText(), known));
      }
      if (steps.contains(name.asText())) {
        throw new ConfigException("steps: '" + name.asText() + "' is listed twice");
      }
      steps.add(name.asText());
    }
    return List.copyOf(steps);
  }
}
