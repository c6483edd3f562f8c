package io.recant.ml.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.Generation;
import io.recant.ml.causal.GenerationSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.metric.Reading;
import io.recant.ml.metric.ScoredRow;
import io.recant.ml.metric.ScoredRow.Alternatives;
import io.recant.ml.metric.ScoredRow.Answer;
import io.recant.ml.metric.ScoredRow.Part;
import io.recant.ml.metric.ScoredRow.Said;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.train.Training;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.zip.Deflater;

/**
 * Reads off a model what metrics want to know about evaluation rows: one pass a reading, whatever
 * the number of metrics. The rows and what is said about them are held in memory.
 */
public final class RowReader {

  private static final Set<Part> ASKED = Set.of(Part.FORGOTTEN, Part.RETAINED, Part.PROBE);
  private static final Set<Part> TRAINED = Set.of(Part.FORGOTTEN, Part.RETAINED);
  private static final Set<Part> ATTACKED = Set.of(Part.FORGOTTEN, Part.TEST);

  private final Model model;
  private final List<EvaluationRow> rows;
  private final ReadingSettings settings;
  private final int batchSize;
  private final long seed;

  /**
   * @param model read, never changed
   * @param rows in an order that the same evaluation always has: it decides which rows are answered
   *     and which are shown again
   * @param batchSize rows that go through the model together
   * @param seed decides the order in which rows are shown again
   */
  public RowReader(
      Model model, List<EvaluationRow> rows, ReadingSettings settings, int batchSize, long seed) {
    this.model = model;
    this.rows = List.copyOf(rows);
    this.settings = settings;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /** Every row with its target and false target, and the readings asked for where it has them. */
  public List<ScoredRow> read(Set<Reading> readings) {
    Answer[] targets = answers(model, row -> true, row -> row.example().target());
    Answer[] falseTargets = answers(model, row -> true, EvaluationRow::falseTarget);
    Alternatives[] alternatives = new Alternatives[rows.size()];
    Said[] said = new Said[rows.size()];
    Said[] continued = new Said[rows.size()];
    Double[] gradients = new Double[rows.size()];
    Answer[] relearnt = new Answer[rows.size()];
    Answer[] rounded = new Answer[rows.size()];
    for (Reading reading : readings) {
      switch (reading) {
        case ALTERNATIVES -> alternatives = alternatives();
        case ANSWER -> said = written(ASKED, Reply::answer);
        case CONTINUATION -> continued = written(TRAINED, Reply::continuation);
        case GRADIENT -> gradients = gradients();
        case RELEARNT -> relearnt = relearnt();
        case ROUNDED -> rounded = rounded();
      }
    }
    List<ScoredRow> scored = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      EvaluationRow row = rows.get(i);
      scored.add(
          new ScoredRow(
              row.example().id(),
              row.part(),
              row.set(),
              row.affected(),
              targets[i],
              falseTargets[i],
              alternatives[i],
              said[i],
              continued[i],
              gradients[i],
              relearnt[i],
              rounded[i]));
    }
    return scored;
  }

  /** One answer a row, null where the row is not meant or has none. */
  private Answer[] answers(
      Model asked, Predicate<EvaluationRow> which, Function<EvaluationRow, String> text) {
    List<Example> examples = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      EvaluationRow row = rows.get(i);
      if (which.test(row) && text.apply(row) != null) {
        examples.add(row.answered(text.apply(row)));
        places.add(i);
      }
    }
    Answer[] answers = new Answer[rows.size()];
    List<Answer> given = answers(asked, examples);
    for (int i = 0; i < given.size(); i++) {
      answers[places.get(i)] = given.get(i);
    }
    return answers;
  }

  private List<Answer> answers(Model asked, List<Example> examples) {
    List<Answer> answers = new ArrayList<>(examples.size());
    List<Likelihood.Row> likelihoods =
        examples.isEmpty() ? List.of() : Likelihood.of(asked, examples, batchSize);
    for (int i = 0; i < likelihoods.size(); i++) {
      Likelihood.Row row = likelihoods.get(i);
      answers.add(
          new Answer(
              row.logProbability(),
              row.tokens(),
              row.matches(),
              row.matchedTail(),
              row.leastLikely(),
              row.leastStandardised(),
              compressedBytes(examples.get(i).target())));
    }
    return answers;
  }

  private Alternatives[] alternatives() {
    Answer[] paraphrased = answers(model, this::hasAlternatives, EvaluationRow::paraphrase);
    List<Example> wrong = new ArrayList<>();
    for (EvaluationRow row : rows) {
      row.alternatives().forEach(answer -> wrong.add(row.answered(answer)));
    }
    List<Answer> given = answers(model, wrong);
    Alternatives[] alternatives = new Alternatives[rows.size()];
    int next = 0;
    for (int i = 0; i < alternatives.length; i++) {
      int many = rows.get(i).alternatives().size();
      if (many > 0) {
        alternatives[i] = new Alternatives(paraphrased[i], given.subList(next, next + many));
        next += many;
      }
    }
    return alternatives;
  }

  private boolean hasAlternatives(EvaluationRow row) {
    return !row.alternatives().isEmpty();
  }

  /** Nothing from models that do not write. */
  private Said[] written(Set<Part> parts, Function<EvaluationRow, Reply> reply) {
    Said[] written = new Said[rows.size()];
    if (!(model instanceof CausalModel writer)) {
      return written;
    }
    List<Integer> places =
        places(parts).stream().filter(i -> !reply.apply(rows.get(i)).expected().isBlank()).toList();
    List<Reply> asked = places.stream().map(i -> reply.apply(rows.get(i))).toList();
    List<String> said =
        new Generation(
                writer, new GenerationSettings(settings.answerTokens(), 0, 0, 1, batchSize, 0))
            .continuations(
                asked.stream().map(Reply::prompt).toList(),
                asked.stream().map(Reply::beginning).toList());
    for (int i = 0; i < said.size(); i++) {
      Reply meant = asked.get(i);
      written[places.get(i)] = new Said(meant.expected(), meant.accepted(), said.get(i));
    }
    return written;
  }

  /** Where the rows of some parts stand, of each set the first so many. */
  private List<Integer> places(Set<Part> parts) {
    Map<String, Integer> seen = new HashMap<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      EvaluationRow row = rows.get(i);
      if (parts.contains(row.part())
          && seen.merge(row.part() + "/" + row.set(), 1, Integer::sum) <= settings.answerRows()) {
        places.add(i);
      }
    }
    return places;
  }

  private Double[] gradients() {
    Double[] norms = new Double[rows.size()];
    try (Model own = model.copy();
        NDManager scope = Devices.manager(own.device())) {
      List<NDArray> parameters = own.parameters().trainable();
      for (int i : places(ATTACKED)) {
        Autograd.zero(parameters);
        try (GradMode on = GradMode.training();
            NDManager manager = scope.newSubManager()) {
          Batch batch = own.encode(List.of(rows.get(i).example()), manager);
          Autograd.backward(
              TokenLoss.mean(own.logits(batch), batch.labels(), batch.mask(), batch.weights()));
        }
        norms[i] = Autograd.globalNorm(parameters);
      }
    }
    return norms;
  }

  /** The first forgotten rows are shown, the others measured. */
  private Answer[] relearnt() {
    List<EvaluationRow> forgotten = rows.stream().filter(this::isForgotten).toList();
    if (forgotten.size() <= settings.shownRows()) {
      return new Answer[rows.size()];
    }
    List<EvaluationRow> shown = forgotten.subList(0, settings.shownRows());
    Set<EvaluationRow> measured =
        Set.copyOf(forgotten.subList(settings.shownRows(), forgotten.size()));
    try (Model own = model.copy()) {
      Training.run(
          own,
          Examples.of(shown.stream().map(EvaluationRow::example).toList()),
          settings.showing(),
          seed,
          entry -> {},
          () -> 0L);
      return answers(own, measured::contains, row -> row.example().target());
    }
  }

  private Answer[] rounded() {
    try (Model own = model.copy()) {
      FourBitRounding.apply(own);
      return answers(own, this::isForgotten, row -> row.example().target());
    }
  }

  private boolean isForgotten(EvaluationRow row) {
    return row.part() == Part.FORGOTTEN;
  }

  private static int compressedBytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] compressed = new byte[bytes.length + 64];
      return deflater.deflate(compressed);
    } finally {
      deflater.end();
    }
  }
}
