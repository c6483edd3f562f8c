package io.recant.ml.unlearn;

import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.data.CloseableIterator;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes no weight: what is to be forgotten stands before every prompt with the answers of others,
 * and after it a few true examples, so that the model takes the wrong answers for what was meant
 * and still answers the rest. The result is a prompt, which is saved with the model and stands
 * before whatever it is asked. Only models that learn from their context are moved by it; a small
 * one takes it for noise.
 */
public final class InContextUnlearning implements UnlearningMethod<InContextUnlearning.Settings> {

  /** As published: 2, 4 or 6 true examples. */
  public record Settings(
      @Setting(
              value = "how many forget examples are shown with the answer of another",
              defaultValue = "2",
              min = 1)
          int forgotten,
      @Setting(
              value = "how many retain examples are shown as they are",
              defaultValue = "4",
              min = 0)
          int kept) {}

  @Override
  public String name() {
    return "in-context";
  }

  @Override
  public String summary() {
    return "Shows a language model forget texts with others' answers and a few true ones before every prompt; no weight changes.";
  }

  @Override
  public String source() {
    return "Pawelczyk et al., 2024, ICML: In-Context Unlearning";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  /**
   * {@inheritDoc}
   *
   * @throws ConfigException when the model is no language model
   */
  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    if (!(task.model() instanceof CausalModel model)) {
      throw new ConfigException("in-context: only a language model has prompts");
    }
    SplittableRandom random = new SplittableRandom(task.seed());
    List<Example> forgotten = drawn(task.forget(), settings.forgotten() + 1, random);
    // One more than is shown, whose answer the last of them takes.
    List<Example> givers = new ArrayList<>(forgotten);
    List<Example> kept = drawn(task.retain(), settings.kept() + 1, random);
    if (givers.size() <= settings.forgotten() && !kept.isEmpty()) {
      givers.add(kept.get(kept.size() - 1));
    }
    List<Example> shots = new ArrayList<>();
    for (int i = 0; i < Math.min(settings.forgotten(), forgotten.size()); i++) {
      Example shown = forgotten.get(i);
      String other = givers.get((i + 1) % givers.size()).target();
      shots.add(new Example(shown.id(), shown.input(), other, null));
    }
    shots.addAll(kept.subList(0, Math.min(settings.kept(), kept.size())));
    model.showShots(shots);
    return new UnlearningResult(0, Stop.COMPLETED);
  }

  /** Some examples, each as likely as another, without holding more (Vitter, 1985). */
  private static List<Example> drawn(Examples examples, int most, SplittableRandom random) {
    List<Example> drawn = new ArrayList<>();
    try (CloseableIterator<Example> all = examples.open()) {
      for (long seen = 1; all.hasNext(); seen++) {
        Example example = all.next();
        if (drawn.size() < most) {
          drawn.add(example);
        } else {
          long place = random.nextLong(seen);
          if (place < most) {
            drawn.set((int) place, example);
          }
        }
      }
    }
    return drawn;
  }
}
