package io.recant.spark.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.step.StepContext;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.management.ObjectName;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What those see who look at a step from outside: its log, Spark's UI, Spark's metrics. */
class ObservedIT {

  private static final Logger LOG = LoggerFactory.getLogger(ObservedIT.class);
  private static final String PASSWORD = "hunter2hunter2";

  /** What a cell is made from, named as our cells name it. */
  record Spec(String model, String method, long seed, String corpus, boolean fails)
      implements Serializable {}

  private final SparkSession spark = SparkTestSession.get();
  private final SparkContext context = spark.sparkContext();
  private final List<SparkListenerJobStart> jobs = new CopyOnWriteArrayList<>();
  private final SparkListener listener =
      new SparkListener() {
        @Override
        public void onJobStart(SparkListenerJobStart job) {
          jobs.add(job);
        }
      };

  @TempDir private Path folder;
  private TestRun run;

  @BeforeEach
  void listen() {
    run = new TestRun(spark, folder);
    context.addSparkListener(listener);
  }

  @AfterEach
  void stopListening() {
    context.removeSparkListener(listener);
  }

  @Test
  void eventsOfAStepAndOfItsCellsSayWhatTheyAreAbout() throws IOException {
    try (JsonLog log = new JsonLog("io.recant.spark")) {
      LOG.info("before");
      step(
          c -> {
            LOG.info("in the step");
            try (Activity activity = c.activity("look", "facts")) {
              LOG.info("on a corpus");
            }
            cells(c, false);
          });
      LOG.info("after");

      assertThat(fields(log, "before")).isEqualTo("-");
      assertThat(fields(log, "in the step")).isEqualTo("run=run step=watched");
      assertThat(fields(log, "on a corpus")).isEqualTo("run=run step=watched corpus=facts");
      assertThat(fields(log, "in cell b"))
          .isEqualTo("run=run step=watched corpus=facts model=m method=ssd seed=7 cell=b");
      assertThat(fields(log, "step watched of run run: COMMITTED"))
          .isEqualTo("run=run step=watched");
      assertThat(fields(log, "after")).isEqualTo("-");
      assertThat(leftInTasks()).as("in the threads of tasks").isEmpty();
    }
  }

  @Test
  void aFailingCellSaysWhichAndShowsNoPassword() throws IOException {
    try (JsonLog log = new JsonLog("io.recant.spark")) {
      assertThatThrownBy(() -> step(c -> cells(c, true)))
          .isInstanceOf(StepException.class)
          .hasMessageContaining("ftp://*****@host/model")
          .hasMessageNotContaining(PASSWORD);

      assertThat(fields(log, "cell b failed"))
          .isEqualTo("run=run step=watched corpus=facts model=m method=ssd seed=7 cell=b");
      assertThat(fields(log, "step watched of run run failed")).isEqualTo("run=run step=watched");
      assertThat(log.events().toString()).doesNotContain(PASSWORD);
      assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
    }
  }

  /** What others log of our paths is redacted by the configuration. */
  @Test
  void theConfigurationOfJsonLogsMarksSecrets() throws IOException {
    try (JsonLog log = new JsonLog("io.recant.spark.observe")) {
      LOG.error(
          "reads webhdfs://me:{}@host/x with fs.s3a.secret.key={}, twice",
          PASSWORD,
          PASSWORD,
          new IOException("Wrong FS: ftp://me:" + PASSWORD + "@host/x"));

      JsonNode event = log.events().get(0);
      assertThat(event.path("message").asText())
          .isEqualTo("reads webhdfs://*****@host/x with fs.s3a.secret.key=*****, twice");
      assertThat(event.path("exception").asText())
          .contains("java.io.IOException: Wrong FS: ftp://*****@host/x", "\tat ");
      assertThat(event.path("level").asText()).isEqualTo("ERROR");
      assertThat(event.path("logger").asText()).isEqualTo(ObservedIT.class.getName());
      assertThat(event.path("time").asText()).startsWith("20");
      assertThat(event.toString()).doesNotContain(PASSWORD);
    }
  }

  @Test
  void everyJobHasTheStepForItsGroupAndWordsForAPerson() throws Exception {
    context.setJobGroup("theirs", "what they do", false);
    step(
        c -> {
          spark.range(3).count();
          try (Activity activity = c.activity("look", "facts")) {
            spark.range(4).count();
          }
          cells(c, false);
        });
    assertThat(context.getLocalProperty("spark.jobGroup.id")).isEqualTo("theirs");
    assertThat(context.getLocalProperty("spark.job.description")).isEqualTo("what they do");
    assertThat(context.getLocalProperty("mdc.step")).isNull();
    context.clearJobGroup();
    context.listenerBus().waitUntilEmpty();

    assertThat(jobs)
        .extracting(job -> job.properties().getProperty("spark.jobGroup.id"))
        .containsOnly("watched");
    assertThat(jobs)
        .extracting(job -> job.properties().getProperty("spark.job.description"))
        .contains(
            "watched",
            "watched: look on corpus facts",
            "watched: squares: 2 cells",
            "watched: write classes")
        .doesNotContainNull();
  }

  @Test
  void aFailedStepLeavesTheThreadAsItWas() {
    Properties before = (Properties) context.getLocalProperties().clone();

    assertThatThrownBy(
            () ->
                step(
                    c -> {
                      throw new InputException("no such thing");
                    }))
        .isInstanceOf(InputException.class);

    assertThat(context.getLocalProperties()).isEqualTo(before);
    assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
  }

  /** Through a sink of Spark's own, as whoever watches an application reads it. */
  @Test
  void numbersOfStepsTablesAndCellsAreInSparksMetrics() throws Exception {
    step(c -> {});
    long committed = metric("steps.committed", "Count");
    long skipped = metric("steps.skipped", "Count");
    long failed = metric("steps.failed", "Count");
    long timed = metric("steps.watched.time", "Count");
    long rows = metric("rows.classes", "Count");
    long done = metric("cells.done", "Value");
    long broken = metric("cells.failed", "Value");

    step(c -> {});
    assertThat(metric("steps.skipped", "Count") - skipped).isEqualTo(1);
    assertThatThrownBy(() -> again(c -> cells(c, true))).isInstanceOf(StepException.class);
    again(c -> cells(c, false));

    assertThat(metric("steps.committed", "Count") - committed).isEqualTo(1);
    assertThat(metric("steps.failed", "Count") - failed).isEqualTo(1);
    assertThat(metric("steps.watched.time", "Count") - timed).isEqualTo(2);
    assertThat(metric("rows.classes", "Count") - rows).isEqualTo(2);
    assertThat(metric("cells.done", "Value") - done).as("a, and later b").isEqualTo(2);
    assertThat(metric("cells.failed", "Value") - broken).isEqualTo(1);
    assertThat(metric("work.done", "Value")).isEqualTo(1);
    assertThat(metric("work.total", "Value")).isEqualTo(1);
  }

  private long metric(String name, String attribute) throws Exception {
    String type =
        name.endsWith(".time") ? "timers" : attribute.equals("Count") ? "counters" : "gauges";
    ObjectName bean =
        new ObjectName(
            "metrics:name=" + context.applicationId() + ".driver.recant." + name + ",type=" + type);
    return ((Number) ManagementFactory.getPlatformMBeanServer().getAttribute(bean, attribute))
        .longValue();
  }

  /** Two cells, of which the second fails if it is to. */
  private static void cells(StepContext context, boolean fails) {
    Grid.run(
        context,
        "squares",
        List.of(
            new Cell<>("a", 2, new Spec("m", "npo", 7, "facts", false)),
            new Cell<>("b", 1, new Spec("m", "ssd", 7, "facts", fails))),
        Integer.class,
        (spec, c) -> {
          LOG.info("in cell {}", spec.method().equals("npo") ? "a" : "b");
          if (spec.fails()) {
            throw new IOException("cannot read ftp://me:" + PASSWORD + "@host/model");
          }
          return 1;
        });
  }

  private void again(Consumer<StepContext> body) {
    folder.resolve("run/manifests/watched.json").toFile().delete();
    step(body);
  }

  private void step(Consumer<StepContext> body) {
    run.run(
        FakeStep.source(
            "watched",
            Table.CLASSES,
            (config, c) -> {
              body.accept(c);
              c.write(
                  Table.CLASSES,
                  TestRows.of(
                      spark, Table.CLASSES, Map.of("class_name", "x"), Map.of("class_name", "y")));
            }));
  }

  /** The fields of the one event whose message begins so; "-" where it has none. */
  private static String fields(JsonLog log, String message) throws IOException {
    List<JsonNode> events =
        log.events().stream()
            .filter(event -> event.path("message").asText().startsWith(message))
            .toList();
    assertThat(events).as(message).hasSize(1);
    StringBuilder fields = new StringBuilder();
    for (String name : List.of("run", "step", "corpus", "model", "method", "seed", "cell")) {
      if (events.get(0).hasNonNull(name)) {
        fields.append(' ').append(name).append('=').append(events.get(0).path(name).asText());
      }
    }
    return fields.isEmpty() ? "-" : fields.substring(1);
  }

  /** Fields of ours that tasks of another job find in their threads. */
  private List<String> leftInTasks() {
    return new org.apache.spark.api.java.JavaSparkContext(context)
            .parallelize(List.of(1, 2, 3, 4), 4)
            .map(i -> String.valueOf(MDC.get("mdc.cell")) + MDC.get("mdc.run"))
            .distinct()
            .collect()
            .stream()
            .filter(found -> !found.equals("nullnull"))
            .toList();
  }
}
