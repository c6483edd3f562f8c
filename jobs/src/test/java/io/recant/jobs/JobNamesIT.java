package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.detect.DetectStep;
import io.recant.jobs.features.FeaturesStep;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's UI calls the jobs of a pipeline. */
class JobNamesIT {

  @TempDir private Path folder;

  @Test
  void everyJobSaysItsStepAndWhatItIsFor() throws Exception {
    List<Properties> jobs = new CopyOnWriteArrayList<>();
    Path corpus = Files.writeString(folder.resolve("corpus.jsonl"), rows());
    try (StepFixture fixture = new StepFixture(folder.resolve("runs"))) {
      fixture
          .spark()
          .sparkContext()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onJobStart(SparkListenerJobStart job) {
                  jobs.add(job.properties());
                }
              });
      fixture.run(
          "named",
          "ingest: {corpora: [{name: facts, task: classification, columns: {probabilities: p},"
              + " classes: [a, b], source: {name: jsonl, path: '"
              + corpus
              + "'}}]}\nfeatures: {repeats: 1, folds: 2}\ndetect: {detectors: [confident-learning, duplicate-target]}",
          new IngestStep(),
          new FeaturesStep(),
          new DetectStep(),
          new DecideStep());
      fixture.spark().sparkContext().listenerBus().waitUntilEmpty();
    }

    assertThat(values(jobs, "spark.jobGroup.id"))
        .containsExactlyInAnyOrder("ingest", "features", "detect", "decide");
    assertThat(jobs)
        .allSatisfy(
            job ->
                assertThat(job.getProperty("spark.job.description"))
                    .startsWith(job.getProperty("spark.jobGroup.id")));
    assertThat(values(jobs, "spark.job.description"))
        .contains(
            "ingest: read on corpus facts",
            "ingest: write samples",
            "detect: confident-learning on corpus facts",
            "detect: write findings",
            "decide: write decisions");
    assertThat(values(jobs, "mdc.run")).containsExactly("named");
  }

  private static Set<String> values(List<Properties> jobs, String key) {
    return jobs.stream().map(job -> job.getProperty(key, "")).collect(Collectors.toSet());
  }

  private static String rows() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      rows.append(
          "{\"input\": \"text %d\", \"target\": \"%s\", \"p\": [%s]}%n"
              .formatted(i, i % 2 == 0 ? "a" : "b", i % 3 == 0 ? "0.2, 0.8" : "0.7, 0.3"));
    }
    return rows.toString();
  }
}
