package io.recant.jobs;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.recant.core.registry.Extension;
import io.recant.core.table.Table;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Arrows point one way, steps meet only in tables, and nothing is drawn or timed in secret. */
@AnalyzeClasses(packages = "io.recant", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String CORE = "io.recant.core..";
  private static final String ML = "io.recant.ml..";
  private static final String SPARK = "io.recant.spark..";
  private static final String JOBS = "io.recant.jobs..";
  private static final String[] SPARK_ENGINE = {
    "org.apache.spark..", "org.apache.hadoop..", "org.apache.parquet..", "scala.."
  };
  private static final String DJL = "ai.djl..";

  /** The rules below hold of nothing when nothing is imported. */
  @ArchTest
  static void everyModuleIsLookedAt(JavaClasses all) {
    for (String module : List.of("core.table", "ml.model", "spark.step", "jobs.cli")) {
      assertThat(all.containPackage("io.recant." + module)).as(module).isTrue();
    }
  }

  @ArchTest
  static final ArchRule coreKnowsNoEngineAndNobodyAboveIt =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SPARK_ENGINE)
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage(DJL, ML, SPARK, JOBS);

  @ArchTest
  static final ArchRule mlKnowsNoSpark =
      noClasses()
          .that()
          .resideInAPackage(ML)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SPARK_ENGINE)
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage(SPARK, JOBS);

  @ArchTest
  static final ArchRule sparkKnowsNoDjl =
      noClasses()
          .that()
          .resideInAPackage(SPARK)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(DJL, ML, JOBS);

  /** Holds in both directions: no step imports another or the command line, which knows none. */
  @ArchTest
  static final ArchRule stepsMeetOnlyInTables =
      slices()
          .matching("io.recant.jobs.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              alwaysTrue(),
              resideInAnyPackage(
                  "io.recant.jobs.cells..",
                  "io.recant.jobs.noise..",
                  "io.recant.jobs.neighbour..",
                  "io.recant.jobs.page.."))
          .ignoreDependency(
              resideInAnyPackage("io.recant.jobs.cli.."),
              resideInAnyPackage("io.recant.jobs.bench.."))
          .because(
              "steps meet in tables; what they share is in cells (models on executors), noise (how"
                  + " labels go wrong), neighbour (what is near what) and page (what an HTML page is made of); the command line gives benchmarks what they work with");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.recant.(*).(*)..").should().beFreeOfCycles();

  /** Grad mode, backward and clipping have one owner; JNI calls elsewhere would go around it. */
  @ArchTest
  static final ArchRule onlyAutogradReachesIntoPyTorch =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.recant.ml.autograd..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl.pytorch.jni..");

  /** {@link io.recant.ml.autograd.InPlace} says why. */
  @ArchTest
  static final ArchRule arraysAreOverwrittenNatively =
      noClasses()
          .that()
          .resideInAPackage(ML)
          .should()
          .callMethod(NDArray.class, "copyTo", NDArray.class);

  /** {@link io.recant.ml.autograd.Scalars} says why. */
  @ArchTest
  static final ArchRule arraysAreNotMultipliedByNumbersOnJavaMemory =
      noClasses()
          .that()
          .resideInAPackage(ML)
          .should()
          .callMethod(NDArray.class, "mul", Number.class)
          .orShould()
          .callMethod(NDArray.class, "div", Number.class)
          .orShould()
          .callMethod(NDArray.class, "pow", Number.class);

  /** Who judges samples cannot look at the truth. The command line only counts its rows. */
  @ArchTest
  static final ArchRule onlyWhoMakesOrMeasuresTheDamageSeesTheInjections =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.recant.core.table..",
              "io.recant.jobs.inject..",
              "io.recant.jobs.bench..",
              "io.recant.jobs.train..",
              "io.recant.jobs.score..",
              "io.recant.jobs.report..",
              "io.recant.jobs.cli..")
          .should()
          .accessField(Table.class, "INJECTIONS");

  /** A step reads through its context, which refuses what it does not declare. */
  @ArchTest
  static final ArchRule stepsReadThroughTheirContext =
      noClasses()
          .that()
          .resideInAPackage(JOBS)
          .and()
          .resideOutsideOfPackage("io.recant.jobs.cli..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching("io\\.recant\\.spark\\.table\\.(TableReader|TableWriter)");

  @ArchTest
  static final ArchRule onlyMainEndsTheProcess =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.recant.jobs.Main")
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class);

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsATerminal =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.recant.jobs", "io.recant.jobs.cli..", "io.recant.jobs.bench..")
          .should()
          .callMethod(System.class, "console")
          .orShould()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  @ArchTest
  static final ArchRule clocksArePassedIn =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.recant.jobs", "io.recant.jobs.cli..")
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone")
          .orShould()
          .callMethod(LocalDate.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(ZonedDateTime.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callConstructor(Date.class);

  @ArchTest
  static final ArchRule seedsArePassedIn =
      noClasses()
          .should()
          .callConstructor(Random.class)
          .orShould()
          .callConstructor(SplittableRandom.class)
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(ThreadLocalRandom.class, "current")
          .orShould()
          .callMethod(Collections.class, "shuffle", List.class);

  /** The token of a lock must differ between processes of one seed. */
  @ArchTest
  static final ArchRule onlyTheLockDrawsANameOfItsOwn =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.recant.spark.run.RunLock")
          .should()
          .callMethod(UUID.class, "randomUUID");

  @ArchTest
  static final ArchRule namesSayWhatAThingIs =
      noClasses().should().haveNameMatching(".*(Utils?|Helpers?|Managers?|Impl|V[0-9])(\\$.*)?");

  /** ServiceLoader makes them, and an extension keeps no state between calls. */
  @ArchTest
  static final ArchRule extensionsAreFinalAndWithoutState =
      classes()
          .that()
          .implement(Extension.class)
          .and()
          .areNotInterfaces()
          .and()
          .doNotHaveModifier(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
          .should()
          .haveOnlyFinalFields();
}
