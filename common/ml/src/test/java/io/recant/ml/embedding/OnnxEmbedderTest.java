package io.recant.ml.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.error.InputException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEmbedderTest {

  private static final List<String> TEXTS =
      List.of(
          "a domesticated carnivorous mammal that barks",
          "",
          "a puppy is a young dog",
          "the central bank raised its interest rate, and lenders passed the rise on to people",
          "dog");

  private static OnnxEmbedder embedder;

  @BeforeAll
  static void load() {
    embedder = OnnxEmbedder.bundled(new OnnxEmbedder.Options(2, 1, 256));
  }

  @AfterAll
  static void close() {
    embedder.close();
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot;
  }

  @Test
  void vectorsHaveLengthOneAndTellMeaningsApart() {
    List<float[]> vectors = embedder.embed(TEXTS);
    assertThat(embedder.dimension()).isEqualTo(384);
    for (float[] vector : vectors) {
      assertThat(vector).hasSize(384);
      assertThat(cosine(vector, vector)).isCloseTo(1, within(1e-5));
    }
    assertThat(cosine(vectors.get(2), vectors.get(4))).isGreaterThan(0.35);
    assertThat(cosine(vectors.get(2), vectors.get(3))).isLessThan(0.2);
    assertThat(embedder.embed(List.of())).isEmpty();
  }

  @Test
  void aTextsVectorDependsOnThatTextAlone() {
    List<float[]> together = embedder.embed(TEXTS);
    for (int i = 0; i < TEXTS.size(); i++) {
      assertThat(embedder.embed(List.of(TEXTS.get(i))).get(0)).containsExactly(together.get(i));
    }
  }

  @Test
  void severalThreadsShareOneSession() throws Exception {
    List<float[]> alone = embedder.embed(TEXTS);
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Future<List<float[]>>> calls = new ArrayList<>();
      for (int call = 0; call < 6; call++) {
        calls.add(pool.submit(() -> embedder.embed(TEXTS)));
      }
      for (Future<List<float[]>> call : calls) {
        for (int i = 0; i < alone.size(); i++) {
          assertThat(call.get().get(i)).containsExactly(alone.get(i));
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aDirectoryOfTheUsersOwnGivesTheSameVectorsUpToTheBatch(@TempDir Path directory)
      throws Exception {
    Path home = Files.createDirectories(directory.resolve("mine/onnx")).getParent();
    copy("/all-minilm-l6-v2-q.onnx", home.resolve("onnx/model.onnx"));
    copy("/all-minilm-l6-v2-q-tokenizer.json", home.resolve("tokenizer.json"));
    try (OnnxEmbedder own = OnnxEmbedder.load(home, new OnnxEmbedder.Options(1, 3, 256))) {
      assertThat(own.id()).isEqualTo("mine");
      List<float[]> expected = embedder.embed(TEXTS);
      List<float[]> batched = own.embed(TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        assertThat(cosine(batched.get(i), expected.get(i))).as(TEXTS.get(i)).isGreaterThan(0.97);
      }
    }
  }

  private static void copy(String resource, Path to) throws Exception {
    try (InputStream from = OnnxEmbedderTest.class.getResourceAsStream(resource)) {
      Files.copy(from, to);
    }
  }

  @Test
  void aDirectoryWithoutAModelIsAnInputError(@TempDir Path directory) {
    assertThatThrownBy(() -> OnnxEmbedder.load(directory, new OnnxEmbedder.Options(1, 1, 256)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(directory.toString());
  }

  @Test
  void aFileThatIsNoModelIsAnInputError(@TempDir Path directory) throws Exception {
    copy("/all-minilm-l6-v2-q-tokenizer.json", directory.resolve("tokenizer.json"));
    Files.writeString(directory.resolve("model.onnx"), "not a model");
    assertThatThrownBy(() -> OnnxEmbedder.load(directory, new OnnxEmbedder.Options(1, 1, 256)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(directory.toString());
  }

  @Test
  void aFileThatIsNoTokenizerIsAnInputError(@TempDir Path directory) throws Exception {
    copy("/all-minilm-l6-v2-q.onnx", directory.resolve("model.onnx"));
    for (String tokenizer : new String[] {"", "{}", "not a tokenizer", "{\"model\": 1}"}) {
      Files.writeString(directory.resolve("tokenizer.json"), tokenizer);
      assertThatThrownBy(() -> OnnxEmbedder.load(directory, new OnnxEmbedder.Options(1, 1, 256)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(directory.toString());
    }
  }

  @Test
  void theMeanIsOverTheGivenVectorsOnly() {
    float[] values = {9, 9, 1, 0, 5, 8, 9, 9};
    assertThat(OnnxEmbedder.unitMean(values, 2, 2, 2)).containsExactly(0.6f, 0.8f);
    assertThat(OnnxEmbedder.unitMean(new float[4], 0, 2, 2)).containsExactly(0, 0);
  }
}
