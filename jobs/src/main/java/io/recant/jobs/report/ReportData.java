package io.recant.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Provenance;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Everything the page shows. It is embedded as JSON with these names, which the page's scripts
 * read; a null stands for "not known" and is left out.
 *
 * @param title heading of the page
 * @param runId the run
 * @param generated when the page was made
 * @param corpora one entry per corpus shown, the largest first
 * @param corporaLeftOut how many corpora the page leaves out
 * @param detection how well detection worked
 * @param repair what suggested targets are worth: the rows of {@code repair_scores}
 * @param suspicious the most suspicious samples, by corpus and then the worst first
 * @param top most suspicious samples asked for per corpus
 * @param models one entry per model
 * @param steps the committed steps, in the order they were committed
 */
record ReportData(
    String title,
    String runId,
    Instant generated,
    List<Corpus> corpora,
    int corporaLeftOut,
    Detection detection,
    List<RepairScore> repair,
    List<Suspicious> suspicious,
    int top,
    List<Model> models,
    List<CommittedStep> steps) {

  /** A name and how many rows carry it. */
  record Count(String name, long rows) {}

  /**
   * Where the rows of one corpus went. {@code read = quarantined + samples}.
   *
   * @param splits samples by split
   * @param quarantine quarantined rows by reason code, the most frequent first
   * @param judged samples with a {@code p_bad}
   * @param decided samples with a decision; 0 when there are none yet
   * @param threshold the {@code p_bad} from which samples are forgotten
   * @param histogram judged samples in equal bins of {@code p_bad} over [0, 1]
   * @param planted errors put in on purpose, by injector, and what became of them
   * @param headline sentences for a person
   */
  record Corpus(
      String name,
      long read,
      long quarantined,
      long samples,
      List<Count> splits,
      List<Count> quarantine,
      long decided,
      long judged,
      long forget,
      long review,
      long retain,
      Double threshold,
      List<Long> histogram,
      List<Planted> planted,
      List<String> headline) {}

  /** What became of the errors of one injector. */
  record Planted(String injector, long rows, long forget, long review, long retain) {}

  /** Scores, curves and finding counts of every detector. */
  record Detection(
      List<DetectionScore> scores, List<DetectionCurve> curves, List<Finding> findings) {}

  /** A row of {@code detection_scores}. */
  record DetectionScore(
      String corpus,
      String detector,
      String measure,
      String basis,
      Double value,
      Double lower,
      Double upper,
      long n) {}

  /** A row of {@code repair_scores}. */
  record RepairScore(
      String corpus,
      String measure,
      String basis,
      Double value,
      Double lower,
      Double upper,
      long n) {}

  /** A precision-recall curve; each point is {recall, precision, threshold}, recall ascending. */
  record DetectionCurve(String corpus, String detector, String basis, List<double[]> points) {}

  /** How many samples a detector has an opinion of, and how many of those it finds rather bad. */
  record Finding(String corpus, String detector, String kind, long rows, long bad) {}

  /** One detector's score of one sample, in [0, 1], 1 surely bad. */
  record Opinion(String detector, double score) {}

  /**
   * What a sample's target should be.
   *
   * @param probability that the suggestion is right, null where it is not known
   * @param action relabel or ask
   * @param second the next best, null where there is none
   */
  record Repair(
      String target, Double probability, String action, String second, Double secondProbability) {}

  /**
   * A sample's picture.
   *
   * @param src the address of a PNG that holds all of it, as {@link Thumbnail} makes it; null where
   *     the picture cannot be read, and every number is 0 then
   * @param width of that PNG in pixels
   * @param fullWidth of the sample's picture in pixels
   */
  record Picture(String src, int width, int height, int fullWidth, int fullHeight) {

    static final Picture UNREADABLE = new Picture(null, 0, 0, 0, 0);
  }

  /**
   * A sample a person may want to look at; texts are cut at the configured length.
   *
   * @param picture null where the sample has none
   * @param suggested by the detector that speaks most against it
   * @param repair the weighed suggestion, null where there is none
   */
  record Suspicious(
      String corpus,
      String id,
      String action,
      Double pBad,
      String input,
      String context,
      Picture picture,
      String target,
      String suggested,
      Repair repair,
      List<String> reasons,
      List<Opinion> opinions,
      String plantedBy,
      String plantedBefore,
      String source) {}

  /** A measure and the rows it was taken on. */
  record Measure(String metric, String split) {}

  /**
   * One measure of one method, mean over seeds.
   *
   * @param spread standard deviation over seeds, null for one seed
   * @param closeness as {@link Closeness} defines it
   */
  record Cell(
      String metric,
      String split,
      Double value,
      Double spread,
      long seeds,
      Double lower,
      Double upper,
      Double oracle,
      Double untouched,
      String direction,
      Double closeness,
      long n,
      String note) {}

  /** What a row of the comparison is: something to compare with, or something to choose. */
  enum Role {
    REFERENCE,
    METHOD
  }

  /**
   * One method of one model.
   *
   * @param closeness mean closeness over its measures, null where none has one
   * @param measures how many measures that mean is over
   * @param seconds mean duration over seeds
   * @param peakMemory mean peak memory in bytes over seeds
   */
  record Method(
      String name,
      Role role,
      Double closeness,
      int measures,
      Double seconds,
      Double peakMemory,
      Double steps,
      String stopped,
      String device,
      List<Cell> cells) {}

  /** The two axes of forget versus retain. */
  record Axes(Measure forget, Measure retain) {}

  /** Points are {step, loss, forget loss, retain loss}, NaN where the method has no such loss. */
  record TrainingCurve(String method, long seed, List<double[]> points) {}

  /**
   * A model: its methods (references first, then the closest to the oracle first), the axes of the
   * scatter (null with fewer than two measures) and the training curves.
   */
  record Model(
      String name,
      String corpus,
      String family,
      String headline,
      List<Measure> measures,
      List<Method> methods,
      Axes axes,
      List<TrainingCurve> training) {}

  /** A step's manifest without its file list. */
  record CommittedStep(
      String step,
      Instant started,
      Instant finished,
      String configHash,
      long seed,
      Map<String, String> inputs,
      List<Count> tables,
      int artifacts,
      long artifactBytes,
      Map<String, Double> measures,
      Provenance provenance,
      JsonNode config) {}
}
