package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.config.SettingsBinder;
import io.recant.core.registry.Extension;
import io.recant.core.registry.Kind;
import io.recant.core.registry.Registry;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What steps and other extensions say of themselves, whichever there are. */
class StepDeclarationsTest {

  private static final Registry<Step<?>> STEPS = Registry.load(Step.class, "step");

  /** May see what was put in on purpose: they make the damage or measure it. */
  private static final Set<String> SEE_THE_TRUTH = Set.of("inject", "train", "score", "report");

  /** Judge samples, or act on the verdict. */
  private static final Set<String> JUDGE =
      Set.of("features", "detect", "decide", "repair", "review", "unlearn");

  /**
   * A user brings some of their rows, a model is trained first and unlearned later, detection is
   * measured by canaries first and by the truth later.
   */
  private static final Set<Table> SEVERAL_WRITERS =
      EnumSet.of(
          Table.KNOWN_BAD,
          Table.EMBEDDINGS,
          Table.PREDICTIONS,
          Table.CHECKPOINTS,
          Table.TRAINING_LOG,
          Table.DETECTION_SCORES,
          Table.DETECTION_CURVES,
          Table.REPAIR_SCORES);

  @Test
  void thereAreSteps() {
    assertThat(STEPS.all()).isNotEmpty();
  }

  @TestFactory
  Stream<DynamicTest> whoJudgesNeverReadsTheTruth() {
    return steps(
        step -> {
          if (!SEE_THE_TRUTH.contains(step.name())) {
            assertThat(reads(step)).doesNotContain(Table.INJECTIONS);
          }
          if (JUDGE.contains(step.name())) {
            assertThat(reads(step)).doesNotContain(Table.INJECTIONS, Table.DAMAGED);
            assertThat(step.readsOriginals()).as("reads originals").isFalse();
          }
        });
  }

  /** Canaries are never trained on, and never reach a set. */
  @TestFactory
  Stream<DynamicTest> canariesStayInDetection() {
    return steps(
        step -> {
          if (Set.of("train", "unlearn").contains(step.name())) {
            assertThat(reads(step)).doesNotContain(Table.CANARIES, Table.CANARY_FINDINGS);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aTableOfRowsHasOneWriter() {
    TreeMap<Table, List<String>> writers = new TreeMap<>();
    STEPS.all().forEach(s -> writes(s).forEach(t -> add(writers, t, s.name())));
    return writers.entrySet().stream()
        .map(
            entry ->
                dynamicTest(
                    entry.getKey().tableName(),
                    () -> {
                      if (!SEVERAL_WRITERS.contains(entry.getKey())) {
                        assertThat(entry.getValue()).hasSize(1);
                      }
                    }));
  }

  /** A step that read what it writes would see another table when it is run again. */
  @TestFactory
  Stream<DynamicTest> noStepReadsWhatItAloneWrites() {
    return steps(
        step -> {
          Set<Table> both = EnumSet.noneOf(Table.class);
          both.addAll(reads(step));
          both.retainAll(writes(step));
          both.removeAll(SEVERAL_WRITERS);
          assertThat(both).isEmpty();
        });
  }

  @TestFactory
  Stream<DynamicTest> everyExtensionDescribesItself() {
    return extensions().stream()
        .map(
            extension ->
                dynamicTest(
                    extension.getClass().getSimpleName(),
                    () -> {
                      assertThat(extension.name()).matches("[a-z0-9]+([-_][a-z0-9]+)*");
                      assertThat(extension.summary()).isNotBlank().endsWith(".");
                      assertThat(extension.source()).isNotNull();
                      assertDescribed(extension.settings(), new HashSet<>());
                      SampleSettings.of(extension.settings());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> settingsSurviveTheManifest() {
    return extensions().stream()
        .map(
            extension ->
                dynamicTest(
                    extension.getClass().getSimpleName(), () -> roundTrip(extension.settings())));
  }

  private static <C extends Record> void roundTrip(Class<C> type) {
    C settings = SampleSettings.of(type);
    ObjectNode written = SettingsBinder.unbind(settings);
    assertThat(SettingsBinder.unbind(SettingsBinder.bind(written, type, "again")))
        .isEqualTo(written);
  }

  /** Every step, and every extension of every kind the command line lists. */
  private static Collection<Extension<?>> extensions() {
    List<Extension<?>> all = new ArrayList<>(STEPS.all());
    ServiceLoader.load(Kind.class).forEach(kind -> all.addAll(kind.registry().all()));
    return all;
  }

  private static void assertDescribed(Class<?> settings, Set<Class<?>> seen) {
    if (!seen.add(settings)) {
      return;
    }
    for (RecordComponent component : settings.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      assertThat(setting).as("%s.%s", settings.getSimpleName(), component.getName()).isNotNull();
      assertThat(setting.value()).as(component.getName()).isNotBlank();
      records(component.getGenericType()).forEach(nested -> assertDescribed(nested, seen));
    }
  }

  private static Stream<Class<?>> records(Type type) {
    if (type instanceof ParameterizedType generic) {
      return Stream.of(generic.getActualTypeArguments()).flatMap(StepDeclarationsTest::records);
    }
    return type instanceof Class<?> raw
            && raw.isRecord()
            && raw != io.recant.core.config.Strategy.class
        ? Stream.of(raw)
        : Stream.empty();
  }

  private interface Check {
    void of(Step<?> step);
  }

  private static Stream<DynamicTest> steps(Check check) {
    return STEPS.all().stream().map(step -> dynamicTest(step.name(), () -> check.of(step)));
  }

  private static <C extends Record> Set<Table> reads(Step<C> step) {
    Set<Table> reads = EnumSet.noneOf(Table.class);
    configurations(step).forEach(config -> reads.addAll(step.reads(config)));
    return reads;
  }

  private static <C extends Record> Set<Table> writes(Step<C> step) {
    Set<Table> writes = EnumSet.noneOf(Table.class);
    configurations(step).forEach(config -> writes.addAll(step.writes(config)));
    return writes;
  }

  /** The smallest configuration of a step, and what every bundled file says of it. */
  private static <C extends Record> List<C> configurations(Step<C> step) {
    List<C> configs = new ArrayList<>();
    configs.add(SampleSettings.of(step.settings()));
    try (Stream<Path> files = Files.walk(Path.of("../conf"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        ObjectNode tree = SampleSettings.yaml(Files.readString(file));
        if (tree.has(step.name())) {
          configs.add(SettingsBinder.bind(tree.get(step.name()), step.settings(), step.name()));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return configs;
  }

  private static void add(TreeMap<Table, List<String>> writers, Table table, String step) {
    writers.computeIfAbsent(table, t -> new ArrayList<>()).add(step);
  }
}
