package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.spark.table.ModelRows;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which column of a source is what. A role that is left out falls to the column of the same name,
 * where a row has one, except spans, annotator, probabilities and embedding, which have to be
 * named. What has no role goes to {@code meta}. A column named here for id, split, annotator,
 * probabilities or embedding must have a value in every row, and so must those of {@code models};
 * target must have one in any case, and input where the row has no image.
 */
public record Columns(
    @Setting(value = "The row's own id, unique in the corpus", defaultValue = "null")
        Optional<String> id,
    @Setting(value = "What the model is given", defaultValue = "null") Optional<String> input,
    @Setting(value = "What it should answer", defaultValue = "null") Optional<String> target,
    @Setting(value = "Text that goes with the input", defaultValue = "null")
        Optional<String> context,
    @Setting(value = "Whom or what the row is about", defaultValue = "null")
        Optional<String> entity,
    @Setting(value = "train, test or another name", defaultValue = "null") Optional<String> split,
    @Setting(value = "An encoded picture; base64 in JSON and CSV", defaultValue = "null")
        Optional<String> image,
    @Setting(value = "A list of texts: a trajectory or worked solution", defaultValue = "null")
        Optional<String> steps,
    @Setting(
            value = "The bad parts of the target, a list of [from, to) in characters; none for all",
            defaultValue = "null")
        Optional<String> spans,
    @Setting(
            value = "Who answered; rows with one id and several annotators become one sample",
            defaultValue = "null")
        Optional<String> annotator,
    @Setting(value = "A list of out-of-sample probabilities, one per class", defaultValue = "null")
        Optional<String> probabilities,
    @Setting(value = "A list of numbers: a vector of the input", defaultValue = "null")
        Optional<String> embedding,
    @Setting(
            value = "Further models' lists of probabilities: a name for each model, and its column",
            defaultValue = "{}")
        Map<String, String> models) {

  private static final Set<String> OWN_MODELS = Set.of(ModelRows.GIVEN, "head", ModelRows.POOLED);
  private static final Set<Role> ONLY_WHEN_NAMED =
      EnumSet.of(Role.SPANS, Role.ANNOTATOR, Role.PROBABILITIES, Role.EMBEDDING);
  private static final Set<Role> REQUIRED_WHEN_NAMED =
      EnumSet.of(Role.ID, Role.SPLIT, Role.ANNOTATOR, Role.PROBABILITIES, Role.EMBEDDING);

  public Columns {
    if (annotator.isPresent() && id.isEmpty()) {
      throw new IllegalArgumentException(
          "annotator: rows of one sample are found by their id, so name the id column too");
    }
    for (String model : models.keySet()) {
      if (OWN_MODELS.contains(model)) {
        throw new IllegalArgumentException(
            "models: '" + model + "' is what Recant calls predictions itself; take another name");
      }
    }
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  /** The column of each role that may have one. */
  Map<Role, String> byRole() {
    Map<Role, String> columns = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      named(role)
          .or(() -> ONLY_WHEN_NAMED.contains(role) ? Optional.empty() : Optional.of(role.key()))
          .ifPresent(column -> columns.put(role, column));
    }
    Map<String, Role> taken = new HashMap<>();
    named().forEach((role, column) -> taken.put(column, role));
    columns.entrySet().removeIf(e -> taken.getOrDefault(e.getValue(), e.getKey()) != e.getKey());
    return columns;
  }

  /** The roles every row must have a value for. */
  Set<Role> required() {
    Set<Role> required = EnumSet.of(Role.INPUT, Role.TARGET);
    named().keySet().stream().filter(REQUIRED_WHEN_NAMED::contains).forEach(required::add);
    return required;
  }

  private Map<Role, String> named() {
    Map<Role, String> named = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      named(role).ifPresent(column -> named.put(role, column));
    }
    return named;
  }

  private Optional<String> named(Role role) {
    return switch (role) {
      case ID -> id;
      case INPUT -> input;
      case TARGET -> target;
      case CONTEXT -> context;
      case ENTITY -> entity;
      case SPLIT -> split;
      case IMAGE -> image;
      case STEPS -> steps;
      case SPANS -> spans;
      case ANNOTATOR -> annotator;
      case PROBABILITIES -> probabilities;
      case EMBEDDING -> embedding;
    };
  }
}
