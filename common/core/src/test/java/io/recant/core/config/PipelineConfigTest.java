package io.recant.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineConfigTest {

  private static final List<String> STEPS = List.of("ingest", "inject", "detect");
  private static final String GOOD =
      """
      run:
        id: first
      steps: [ingest, detect]
      ingest:
        corpora: {a: 1}
      """;

  @Test
  void readsTheRunTheStepsAndTheirSections() {
    PipelineConfig config = parse(GOOD);

    assertThat(config.run()).isEqualTo(new PipelineConfig.Run("first", "runs", 42, 4));
    assertThat(config.steps()).containsExactly("ingest", "detect");
    assertThat(config.section("ingest").at("/corpora/a").intValue()).isEqualTo(1);
    assertThat(config.section("detect").isEmpty()).isTrue();
  }

  @Test
  void overridesAreAppliedInOrderAndMakeWhatIsMissing() {
    PipelineConfig config =
        parse(
            GOOD,
            "run.seed=1",
            "run.seed=7",
            "steps=[ingest]",
            "detect.neighbours.k=5",
            "ingest.corpora.a=x=y");

    assertThat(config.run().seed()).isEqualTo(7);
    assertThat(config.steps()).containsExactly("ingest");
    assertThat(config.section("detect").at("/neighbours/k").intValue()).isEqualTo(5);
    assertThat(config.section("ingest").at("/corpora/a").textValue()).isEqualTo("x=y");
  }

  @Test
  void anEmptyOverrideTakesTheDefault() {
    assertThat(parse(GOOD + "", "run.root=").run().root()).isEqualTo("runs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"seed", "=1", ".=1", "a..b=1", "run.=1"})
  void anOverrideWithoutAWholeKeyIsRefused(String override) {
    assertRefused(GOOD, override, "--set " + override);
  }

  @Test
  void anOverrideBelowAValueIsRefused() {
    assertRefused(GOOD, "run.id.x=1", "'id' holds a value, not keys");
  }

  @Test
  void anOverrideThatIsNotYamlIsRefused() {
    assertRefused(GOOD, "run.id=[1", "--set run.id=[1", "not valid YAML");
  }

  @Test
  void aRefusedOverrideDoesNotShowItsSecret() {
    assertRefused(GOOD, "run.id.secret_key=hun ter2", "--set run.id.secret_key=*****:");
    assertRefused(GOOD, "run.id.x=ftp://me:hunter2@host", "--set run.id.x=ftp://*****@host:");
  }

  @Test
  void unknownSectionNamesTheNearest() {
    assertRefused(
        GOOD + "detct: {}\n", null, "unknown key 'detct' in test.yaml", "did you mean 'detect'?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"detect: 5", "detect: [a]", "detect: text", "run: 3"})
  void aSectionThatIsNoMappingIsNotTakenForAnEmptyOne(String section) {
    String yaml = section.startsWith("run") ? "steps: [ingest]\n" + section : GOOD + section;
    assertRefused(yaml, null, "expected a mapping of keys to values");
  }

  @Test
  void anEmptySectionIsOne() {
    assertThat(parse(GOOD + "detect:\n").section("detect").isEmpty()).isTrue();
  }

  @Test
  void aKeyWrittenTwiceIsRefusedWithItsLine() {
    assertRefused(
        GOOD + "detect: {a: 1}\ningest: {}\n", null, "test.yaml", "line 7", "Duplicate", "ingest");
  }

  @Test
  void badYamlNamesFileAndLine() {
    assertRefused("run:\n  id: a\nsteps: [ingest\ndetect: 1\n", null, "test.yaml", "line 4");
    assertRefused("run:\n\tid: a\n", null, "test.yaml", "line 2");
  }

  @Test
  void aSecondDocumentIsNotDropped() {
    assertRefused(GOOD + "---\ndetect: {a: 1}\n", null, "test.yaml", "not valid YAML");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[a, b]", "text", "# only a comment\n"})
  void theTopIsAMapping(String yaml) {
    assertRefused(yaml, null, "test.yaml: expected a mapping at the top");
  }

  @Test
  void stepsAreKnownAndListedOnce() {
    assertRefused(GOOD, "steps=[ingest, detecct]", "there is no step 'detecct'", "'detect'");
    assertRefused(GOOD, "steps=[ingest, ingest]", "'ingest' is listed twice");
    assertRefused(GOOD, "steps=[]", "steps: expected a list");
    assertRefused(GOOD, "steps=ingest", "steps: expected a list");
    assertRefused(GOOD, "steps=", "steps: expected a list");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/b", ".hidden", "-x", "a b", "''", "\"a\\nb\""})
  void aRunIdNamesOneFolder(String id) {
    assertRefused(GOOD, "run.id=" + id, "run.id");
  }

  @Test
  void theRunsOwnKeysAreBoundStrictly() {
    assertRefused(GOOD, "run.sed=1", "unknown key 'run.sed'", "did you mean 'seed'?");
    assertRefused(GOOD, "run.shards=0", "run.shards: 0 is outside [1, 100000]");
    assertRefused("steps: [ingest]\n", null, "missing key 'run.id'");
  }

  @Test
  void wordsThatOldYamlTakesForBooleansStayWords() {
    assertThat(parse(GOOD, "ingest.corpora.a=no").section("ingest").at("/corpora/a").textValue())
        .isEqualTo("no");
  }

  private static PipelineConfig parse(String yaml, String... overrides) {
    return PipelineConfig.parse(yaml, "test.yaml", List.of(overrides), STEPS);
  }

  private static void assertRefused(String yaml, String override, String... parts) {
    String[] overrides = override == null ? new String[0] : new String[] {override};
    assertThatThrownBy(() -> parse(yaml, overrides))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(parts);
  }
}
