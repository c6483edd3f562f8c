package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.clue.ClueModel;
import io.recant.core.clue.ClueRow;
import io.recant.core.config.Setting;
import io.recant.core.label.ConfusedClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The probability that a row is bad in the way the known bad rows are (table {@code known_bad}):
 * {@link ClueModel}, learned from the known rows and a bounded sample of the others, asked about
 * every row. Known rows are judged by models that did not learn them, so that they tell {@code
 * decide} how much of the rest is found.
 */
public final class LikeKnown implements Detector<LikeKnown.Settings> {

  /** The kind of a row that resembles known bad ones. */
  static final String KIND = "like_known_bad";

  /** Below this there is nothing worth a reason. */
  private static final double WORTH_A_REASON = 0.05;

  private static final int MOST_GROUNDS = 2;

  /** Settings. */
  public record Settings(
      @Setting(
              value = "With fewer known bad rows than this nothing is learned from them",
              defaultValue = "10",
              min = 2)
          int leastKnown,
      @Setting(
              value = "At most so many known rows are learned from, drawn by a hash",
              defaultValue = "5000",
              min = 10)
          int mostKnown,
      @Setting(
              value = "So many of the other rows stand for all while it learns, drawn by a hash",
              defaultValue = "10000",
              min = 100)
          int others) {}

  @Override
  public String name() {
    return "like-known";
  }

  @Override
  public String summary() {
    return "How like the known bad rows a row is: finds the rest of what is known in part.";
  }

  @Override
  public String source() {
    return "ours; after Elkan and Noto, KDD 2008, and Jaskie and Spanias, 2019";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.hasKnownBad();
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    ClueRows rows = candidates.clueRows();
    List<ClueRow> learned = new ArrayList<>(rows.drawn(true, settings.mostKnown()));
    int known = learned.size();
    if (known < settings.leastKnown()
        || learned.stream().map(ClueRow::fold).distinct().count() < 2) {
      candidates.note(
          String.format(
              Locale.ROOT,
              "like-known: %d of the judged rows are known to be bad, %d are needed; they are"
                  + " forgotten, and no others are looked for by them",
              known,
              settings.leastKnown()));
      return candidates.spark().createDataFrame(List.of(), Finding.SCHEMA);
    }
    learned.addAll(rows.drawn(false, settings.others()));
    if (learned.subList(known, learned.size()).stream().map(ClueRow::fold).distinct().count() < 2) {
      candidates.note("like-known: hardly a row is not known to be bad; there is nothing to find");
      return candidates.spark().createDataFrame(List.of(), Finding.SCHEMA);
    }
    ClueModel model = ClueModel.of(learned, candidates.seed(name()));
    candidates.measure("like_known.known", known);
    candidates.measure("like_known.rounds", model.rounds());
    candidates.measure("like_known.average_precision", model.averagePrecision());
    candidates.measure("like_known.share", model.share());
    candidates.note(
        String.format(
            Locale.ROOT,
            "like-known: learned from %,d known bad rows in %d rounds; about %.1f %% of the others"
                + " are like them",
            known,
            model.rounds(),
            100 * model.share()));
    Broadcast<ClueModel> sent =
        JavaSparkContext.fromSparkContext(candidates.spark().sparkContext()).broadcast(model);
    candidates.releaseLater(sent::destroy);
    List<String> classes = candidates.classes();
    return Finding.table(
        candidates.spark(), rows.all().map(row -> finding(row, sent.value(), classes)));
  }

  private static Row finding(ClueRows.Named row, ClueModel model, List<String> classes) {
    double score = model.score(row.clue());
    int rival = row.clue().rival();
    int right = model.right(row.clue());
    boolean worth = score >= WORTH_A_REASON;
    ObjectNode evidence = Finding.evidence();
    if (rival >= 0) {
      evidence.put("p_given", Finding.rounded(row.clue().p()[row.clue().given()]));
      evidence.put("p_rival", Finding.rounded(row.clue().p()[rival]));
    }
    return Finding.of(
        row.id(),
        row.shard(),
        false,
        model.isConfused(row.clue()) ? ConfusedClasses.KIND : KIND,
        score,
        worth && right >= 0 ? classes.get(right) : null,
        worth ? reason(row.clue(), model, classes) : "unlike the known bad rows",
        evidence);
  }

  private static String reason(ClueRow row, ClueModel model, List<String> classes) {
    List<String> grounds =
        model.grounds(row).stream()
            .limit(MOST_GROUNDS)
            .map(ground -> words(ground, row, classes))
            .toList();
    return "like the known bad rows" + (grounds.isEmpty() ? "" : ": " + String.join("; ", grounds));
  }

  private static String words(ClueModel.Ground ground, ClueRow row, List<String> classes) {
    return switch (ground.kind()) {
      case WORD -> "it has the word '" + ground.word() + "'";
      case VECTOR -> "its vector lies where theirs do";
      case LABEL -> "models that did not learn it see its class as they see theirs";
      case GRADIENT -> "learning it moves a model as learning theirs does";
      case PAIR ->
          row.rival() < 0
              ? "given " + classes.get(row.given())
              : "given "
                  + classes.get(row.given())
                  + " where models see "
                  + classes.get(row.rival());
    };
  }
}
