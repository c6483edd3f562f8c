package io.recant.jobs.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.StepException;
import io.recant.ml.causal.CausalLanguageModels;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.data.Example;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/**
 * Texts of drawn words, each word one token, and models of that vocabulary: what a step costs does
 * not depend on what the texts say.
 *
 * @param words size of the vocabulary, the four tokens that mark beginnings and ends among them
 */
record DrawnText(int words) {

  private static final List<String> MARKS =
      List.of(
          WordPieceVocabulary.PAD,
          WordPieceVocabulary.BEGIN,
          WordPieceVocabulary.END,
          WordPieceVocabulary.SEPARATOR);

  /** A new model; the caller closes it. */
  CausalModel model(Path folder, CausalSettings settings, long seed) {
    Path file = folder.resolve("tokenizer.json");
    try {
      Files.writeString(file, tokenizer().toString());
    } catch (IOException e) {
      throw new StepException("cannot write " + file, e);
    }
    return (CausalModel)
        new CausalLanguageModels().create(settings, TaskSpec.generation(file), seed, Device.cpu());
  }

  private ObjectNode tokenizer() {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    root.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    ObjectNode model = root.putObject("model").put("type", "WordLevel");
    model.put("unk_token", WordPieceVocabulary.PAD);
    ObjectNode vocabulary = model.putObject("vocab");
    MARKS.forEach(mark -> vocabulary.put(mark, vocabulary.size()));
    while (vocabulary.size() < words) {
      vocabulary.put(word(vocabulary.size()), vocabulary.size());
    }
    return root;
  }

  private static String word(int number) {
    return "w" + number;
  }

  /** Pairs of a prompt of one word and a target of so many. */
  List<Example> pairs(int count, int targetWords, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Example> pairs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      StringJoiner target = new StringJoiner(" ");
      for (int w = 0; w < targetWords; w++) {
        target.add(word(random.nextInt(MARKS.size(), words)));
      }
      String prompt = word(random.nextInt(MARKS.size(), words));
      pairs.add(new Example("p" + i, prompt, target.toString(), null));
    }
    return pairs;
  }
}
