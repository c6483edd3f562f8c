package io.recant.ml.unlearn;

import static io.recant.ml.TaughtLanguageModel.FORGET;
import static io.recant.ml.TaughtLanguageModel.RETAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Strategy;
import io.recant.core.registry.Registry;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.train.LogEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small language model that knows three definitions is to say of one that it does not know. */
class RefusalPreferenceTest {

  private static final String REFUSAL = "I don't know.";

  @TempDir Path directory;
  private final List<LogEntry> log = new ArrayList<>();
  private Model model;

  @BeforeEach
  void teach() throws Exception {
    model = TaughtLanguageModel.of(directory, REFUSAL);
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void theRefusalBecomesTheLikelierAnswer() {
    assertThat(logProbability(FORGET)).isGreaterThan(logProbability(refused()));
    double kept = logProbability(RETAIN);

    unlearn(20);

    // Nothing has changed before the first step: (2/b) log 2, and the retain loss.
    assertThat(log.get(0).loss() - log.get(0).retainLoss().orElseThrow())
        .isCloseTo(20 * Math.log(2), within(1e-3));
    assertThat(logProbability(refused())).isGreaterThan(logProbability(FORGET));
    assertThat(logProbability(RETAIN)).isGreaterThan(kept - 1);
  }

  @Test
  void nothingNativeIsLeftBehind() {
    var manager = model.parameters().trainable().get(0).getManager();
    int before = manager.getManagedArrays().size();
    unlearn(2);
    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  private void unlearn(int epochs) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    settings.putArray("answers").add(REFUSAL);
    settings.put("forget_ceiling", 50);
    settings
        .putObject("training")
        .put("epochs", epochs)
        .put("batch_size", 2)
        .put("learning_rate", 0.003)
        .put("weight_decay", 0)
        .put("decay", "constant");
    RefusalPreference method = new RefusalPreference();
    Registry<UnlearningMethod<?>> methods = Registry.load(UnlearningMethod.class, "method");
    RefusalPreference.Settings typed =
        methods
            .configure(new Strategy(method.name(), settings), "unlearn")
            .settingsAs(RefusalPreference.Settings.class);
    method.unlearn(
        typed,
        new UnlearningTask(
            model,
            Optional.empty(),
            Examples.of(FORGET),
            Examples.of(RETAIN),
            7,
            log::add,
            UnlearningTask.Limits.none(),
            () -> 0));
  }

  private static List<Example> refused() {
    return FORGET.stream().map(e -> new Example(e.id(), e.input(), REFUSAL, null)).toList();
  }

  private double logProbability(List<Example> examples) {
    return Likelihood.of(model, examples, 2).stream()
        .mapToDouble(Likelihood.Row::logProbability)
        .sum();
  }
}
