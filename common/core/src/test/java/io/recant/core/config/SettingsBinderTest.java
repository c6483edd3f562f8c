package io.recant.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.error.ConfigException;
import io.recant.core.error.ExitCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsBinderTest {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  enum Mode {
    FAST,
    VERY_SLOW
  }

  record Inner(
      @Setting("A required count") int count,
      @Setting(value = "A label", defaultValue = "none") String label) {}

  record Settings(
      @Setting(value = "Neighbours", defaultValue = "15", min = 1, max = 100) int neighbours,
      @Setting(value = "Seed", defaultValue = "42") long seed,
      @Setting(value = "Learning rate", defaultValue = "1e-3", min = 0, max = 1)
          double learningRate,
      @Setting(value = "Whether", defaultValue = "true") boolean enabled,
      @Setting(value = "Text", defaultValue = "") String text,
      @Setting(value = "How", defaultValue = "fast") Mode mode,
      @Setting(value = "Which", defaultValue = "first") Strategy strategy,
      @Setting(value = "Limit", defaultValue = "null", min = 0, max = 1) Optional<Double> limit,
      @Setting(value = "Parts", defaultValue = "[]") List<Inner> parts,
      @Setting(value = "Rates", defaultValue = "[]", min = 0, max = 1) List<Double> rates,
      @Setting(value = "Grid", defaultValue = "[]") List<List<Integer>> grid,
      @Setting(value = "Weights", defaultValue = "{}", min = 0) Map<String, Double> weights,
      @Setting(value = "Free", defaultValue = "{}") ObjectNode free) {}

  record Nested(@Setting(value = "Inner", defaultValue = "{}") Inner inner) {}

  record Pair(
      @Setting(value = "Low", defaultValue = "0") int low,
      @Setting(value = "High", defaultValue = "1") int high) {

    Pair {
      if (low > high) {
        throw new IllegalArgumentException("low is above high");
      }
    }
  }

  record Typed(@Setting(value = "Name", defaultValue = "a") String name) {

    Typed {
      if (name.isEmpty()) {
        throw new ConfigException("typed.name is empty");
      }
    }
  }

  @Test
  void defaultsFillWhatIsLeftOut() {
    Settings settings = bind("{}", Settings.class);

    assertThat(settings.neighbours()).isEqualTo(15);
    assertThat(settings.seed()).isEqualTo(42L);
    assertThat(settings.learningRate()).isEqualTo(0.001);
    assertThat(settings.enabled()).isTrue();
    assertThat(settings.text()).isEmpty();
    assertThat(settings.mode()).isEqualTo(Mode.FAST);
    assertThat(settings.strategy().name()).isEqualTo("first");
    assertThat(settings.limit()).isEmpty();
    assertThat(settings.parts()).isEmpty();
    assertThat(settings).isEqualTo(SettingsBinder.bind(null, Settings.class, "s"));
  }

  @Test
  void unknownKeyNamesItsPathAndTheNearest() {
    assertRefused("neigbours: 3", "unknown key 's.neigbours'", "did you mean 'neighbours'?");
    assertRefused(
        "parts: [{count: 1}, {count: 2, lable: x}]",
        "unknown key 's.parts[1].lable'",
        "did you mean 'label'?");
    assertRefused("learningRate: 1", "unknown key 's.learningRate'", "'learning_rate'");
  }

  @Test
  void missingKeyNamesItsPathAndMeaning() {
    assertThatThrownBy(() -> bind("{}", Nested.class))
        .isInstanceOf(ConfigException.class)
        .hasMessage("missing key 's.inner.count': A required count");
    assertThatThrownBy(() -> bind("inner: {count: null}", Nested.class))
        .hasMessageContaining("missing key 's.inner.count'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "neighbours: ten      | s.neighbours: expected a whole number, found \"ten\"",
        "neighbours: 1.5      | s.neighbours: expected a whole number, found 1.5",
        "neighbours: 99999999999 | s.neighbours: expected a whole number",
        "neighbours: [1]      | s.neighbours: expected a whole number, found [1]",
        "learning_rate: fast  | s.learning_rate: expected a number, found \"fast\"",
        "enabled: 1           | s.enabled: expected true or false, found 1",
        "enabled: 'true'      | s.enabled: expected true or false",
        "text: [a]            | s.text: expected text, found [\"a\"]",
        "text: {a: b}         | s.text: expected text",
        "parts: {count: 1}    | s.parts: expected a list",
        "parts: [3]           | s.parts[0]: expected a mapping of keys to values, found 3",
        "grid: [[1], [2, x]]  | s.grid[1][1]: expected a whole number, found \"x\"",
        "weights: [1]         | s.weights: expected a mapping",
        "weights: {a: x}      | s.weights.a: expected a number",
        "free: 3              | s.free: expected a mapping",
        "limit: low           | s.limit: expected a number",
        "strategy: 3          | s.strategy: expected a mapping",
      })
  void wrongTypeNamesTheKeyAndWhatItFound(String yaml, String message) {
    assertRefused(yaml, message);
  }

  @Test
  void nullInsideAListIsNotTheTextNull() {
    record Names(@Setting(value = "Names", defaultValue = "[]") List<String> names) {}
    assertThatThrownBy(() -> bind("names: [a, null]", Names.class))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("s.names[1]: expected text");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "neighbours: 0",
        "neighbours: 101",
        "learning_rate: 1.0001",
        "learning_rate: -1e-9",
        "learning_rate: NaN",
        "limit: 1.5",
        "rates: [0.5, 2]",
        "weights: {a: -1}"
      })
  void boundsHoldForEveryNumber(String yaml) {
    String key = yaml.substring(0, yaml.indexOf(':'));
    assertRefused(yaml, "s." + key, "is outside [");
  }

  @Test
  void boundsThemselvesAreAllowed() {
    assertThat(bind("{neighbours: 1, learning_rate: 0}", Settings.class).neighbours()).isEqualTo(1);
    assertThat(bind("{neighbours: 100, limit: 1}", Settings.class).limit()).contains(1.0);
  }

  @ParameterizedTest
  @CsvSource({"1e-3, 0.001", "1E-3, 0.001", "5e-5, 0.00005", "1, 1", "0.25, 0.25", "1.0e-2, 0.01"})
  void numbersAreReadAsPeopleWriteThem(String written, double value) {
    assertThat(bind("learning_rate: " + written, Settings.class).learningRate()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"very_slow", "very-slow", "VERY_SLOW", "Very-Slow"})
  void enumsTakeEitherHyphen(String written) {
    assertThat(bind("mode: " + written, Settings.class).mode()).isEqualTo(Mode.VERY_SLOW);
  }

  @Test
  void unknownConstantNamesTheValidOnes() {
    assertRefused("mode: fsat", "s.mode: 'fsat'", "did you mean 'fast'?", "fast, very_slow");
  }

  @Test
  void strategyIsANameOrAMapping() {
    assertThat(bind("strategy: knn", Settings.class).strategy().name()).isEqualTo("knn");
    Strategy mapping = bind("strategy: {name: knn, k: 5}", Settings.class).strategy();
    assertThat(mapping.name()).isEqualTo("knn");
    assertThat(mapping.settings().get("k").intValue()).isEqualTo(5);
    assertThat(mapping.settings().has("name")).isFalse();
    assertRefused("strategy: {k: 5}", "missing key 's.strategy.name'");
  }

  @Test
  void recordsOwnRulesAreConfigurationErrors() {
    assertThatThrownBy(() -> bind("{low: 2, high: 1}", Pair.class))
        .isInstanceOf(ConfigException.class)
        .hasMessage("s: low is above high");
    assertThatThrownBy(() -> bind("name: ''", Typed.class))
        .isInstanceOf(ConfigException.class)
        .hasMessage("typed.name is empty");
  }

  @Test
  void listsAreCopiesNobodyChanges() {
    Settings settings = bind("{rates: [0.5], weights: {a: 1}}", Settings.class);
    assertThatThrownBy(() -> settings.rates().add(1.0))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> settings.weights().put("b", 1.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aWordInTheWrongPlaceIsAProgrammersError() {
    record Bare(int count) {}
    assertThatThrownBy(() -> bind("count: 1", Bare.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("@Setting");
  }

  @Property(tries = 200)
  void whatIsUnboundBindsToTheSame(@ForAll("settings") Settings settings)
      throws JsonProcessingException {
    ObjectNode tree = SettingsBinder.unbind(settings);

    assertThat(SettingsBinder.bind(tree, Settings.class, "s")).isEqualTo(settings);
    // And through the text of a file, which is how a manifest keeps it.
    JsonNode written = YAML.readTree(YAML.writeValueAsString(tree));
    assertThat(SettingsBinder.bind(written, Settings.class, "s")).isEqualTo(settings);
  }

  @Provide
  Arbitrary<Settings> settings() {
    Arbitrary<String> text = Arbitraries.strings().ofMaxLength(8);
    Arbitrary<String> word = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(6);
    Arbitrary<Double> share = Arbitraries.doubles().between(0, 1).ofScale(9);
    Arbitrary<Inner> inner = Combinators.combine(Arbitraries.integers(), text).as(Inner::new);
    Arbitrary<ObjectNode> free =
        word.map(w -> JsonNodeFactory.instance.objectNode().put(w, w.length()));
    Arbitrary<Strategy> strategy =
        Combinators.combine(word, free)
            .as((name, settings) -> new Strategy(name, settings.without(List.of("name"))));
    return Combinators.combine(
            Arbitraries.integers().between(1, 100),
            Combinators.combine(Arbitraries.longs(), share, share.optional()).as(Numbers::new),
            Arbitraries.of(true, false),
            text,
            Arbitraries.of(Mode.class),
            strategy,
            inner.list().ofMaxSize(3),
            Combinators.combine(
                    share.list().ofMaxSize(3),
                    Arbitraries.integers().list().ofMaxSize(2).list().ofMaxSize(2),
                    Arbitraries.maps(word, share).ofMaxSize(3),
                    free)
                .as(Many::new))
        .as(
            (neighbours, numbers, enabled, label, mode, which, parts, many) ->
                new Settings(
                    neighbours,
                    numbers.seed(),
                    numbers.rate(),
                    enabled,
                    label,
                    mode,
                    which,
                    numbers.limit(),
                    parts,
                    many.rates(),
                    many.grid(),
                    many.weights(),
                    many.free()));
  }

  private record Numbers(long seed, double rate, Optional<Double> limit) {}

  private record Many(
      List<Double> rates, List<List<Integer>> grid, Map<String, Double> weights, ObjectNode free) {}

  private static void assertRefused(String yaml, String... parts) {
    assertThatThrownBy(() -> bind(yaml, Settings.class))
        .isInstanceOfSatisfying(
            ConfigException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContainingAll(parts);
  }

  private static <R extends Record> R bind(String yaml, Class<R> type) {
    try {
      return SettingsBinder.bind(YAML.readTree(yaml), type, "s");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
