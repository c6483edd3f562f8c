package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Targets that do not belong to their prompt: the score is Phi(-(a + b) / sqrt 2) with a the
 * standardised cosine of prompt and target and b the standardised place of that cosine among the 50
 * most similar other targets. Rows without both vectors get no finding.
 */
public final class PromptTargetFit implements Detector<PromptTargetFit.Settings> {

  static final String KIND = "prompt_target_mismatch";

  /** Settings of {@code prompt-target-fit}. */
  public record Settings(
      @Setting(
              value =
                  "Weight of the pointwise mutual information beside cosine and place (1 each), where there are losses",
              defaultValue = "0",
              min = 0,
              max = 10)
          double informationWeight) {}

  @Override
  public String name() {
    return "prompt-target-fit";
  }

  @Override
  public String summary() {
    return "Targets that fit their prompt worse than similar targets of other rows do.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return !candidates.task().equals(Candidates.CLASSIFICATION)
        && candidates.hasVectors("input")
        && candidates.hasVectors("target");
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    JavaRDD<PairFit.Fit> fits = PairFit.of(candidates);
    PairFit.Scale scale = PairFit.scale(fits);
    double weight = settings.informationWeight();
    return Finding.table(
        candidates.spark(), fits.map(fit -> finding(fit, scale.doubt(fit, weight))));
  }

  private static Row finding(PairFit.Fit fit, double score) {
    ObjectNode evidence = Finding.evidence();
    evidence.put("cosine", Finding.rounded(fit.cosine()));
    evidence.put("z_similar", Finding.rounded(fit.z()));
    evidence.put("random_beaten", fit.randomBeaten());
    evidence.put("random", fit.random());
    StringBuilder reason =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "cosine of prompt and target %.2f, higher than for %d of %d random targets",
                fit.cosine(),
                fit.randomBeaten(),
                fit.random()));
    if (fit.rival() != null) {
      evidence.put("rival", fit.rival());
      evidence.put("rival_cosine", Finding.rounded(fit.rivalCosine()));
      reason.append(
          String.format(
              Locale.ROOT,
              "; %.1f standard deviations from that of similar targets, of which %s's has %.2f",
              fit.z(),
              fit.rival(),
              fit.rivalCosine()));
    }
    if (!Double.isNaN(fit.information())) {
      evidence.put("information", Finding.rounded(fit.information()));
      reason.append(
          String.format(Locale.ROOT, "; the prompt saves %.2f nats a token", fit.information()));
    }
    return Finding.of(
        fit.id(), fit.shard(), fit.canary(), KIND, score, null, reason.toString(), evidence);
  }
}
