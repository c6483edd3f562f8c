package io.recant.ml.embedding;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.ml.autograd.PyTorch;
import io.recant.ml.files.BoundedFile;
import io.recant.ml.tokenizer.TextTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A sentence-embedding model in ONNX: token vectors of the last layer, averaged over the text's own
 * tokens, scaled to length 1 (Reimers and Gurevych, EMNLP 2019). A model whose output is already
 * one vector per text is only scaled.
 *
 * <p>Work is spread over threads by whole batches, each computed on one thread; with one thread, on
 * that of the caller. With {@code batchSize} 1 a text's vector depends on that text alone. A larger
 * batch does not promise that: a quantised model scales its activations by the largest in the
 * batch, so a text's vector shifts with its neighbours, and with how a table happens to be
 * partitioned.
 *
 * <p>The session, the tokenizer and the threads are this object's, freed by {@link #close}.
 */
public final class OnnxEmbedder implements Embedder {

  /**
   * How to run a model.
   *
   * @param threads batches computed at once by one call; 1 where every core has its own task
   * @param batchSize texts computed together; 1 for vectors that do not depend on company
   * @param maxTokens where a text is cut, special tokens included
   */
  public record Options(int threads, int batchSize, int maxTokens) {

    public Options {
      if (threads < 1 || batchSize < 1 || maxTokens < 3) {
        throw new IllegalArgumentException("threads, batch size and tokens must be positive");
      }
    }
  }

  /** The file is handed to the engine as one array. */
  private static final long MOST_BYTES = 1L << 30;

  private static final String BUNDLED = "/all-minilm-l6-v2-q";

  private final String id;
  private final Options options;
  private final Model model;
  private final HuggingFaceTokenizer tokenizer;
  private final List<String> inputNames;
  private final ExecutorService threads;
  private final int dimension;

  private OnnxEmbedder(String id, InputStream onnx, InputStream tokenizerJson, Options options)
      throws IOException, MalformedModelException {
    this.id = id;
    this.options = options;
    PyTorch.load();
    // The file's own padding (to 128) and truncation would cost five times the work.
    tokenizer =
        HuggingFaceTokenizer.newInstance(
            tokenizerJson,
            Map.of(
                "padding", "false",
                "truncation", "true",
                "maxLength", Integer.toString(options.maxTokens())));
    model = Model.newInstance(id, Device.cpu(), "OnnxRuntime");
    threads =
        Executors.newFixedThreadPool(
            options.threads(),
            task -> {
              Thread thread = new Thread(task, "embedder");
              thread.setDaemon(true);
              return thread;
            });
    try {
      model.load(onnx, Map.of("interOpNumThreads", "1", "intraOpNumThreads", "1"));
      inputNames = model.describeInput().keys();
      dimension = embed(List.of("dimension")).get(0).length;
    } catch (IOException | MalformedModelException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The bundled all-MiniLM-L6-v2 in 8-bit integers: English sentences, 384 dimensions. */
  public static OnnxEmbedder bundled(Options options) {
    try (InputStream onnx = resource(BUNDLED + ".onnx");
        InputStream tokenizer = resource(BUNDLED + "-tokenizer.json")) {
      return new OnnxEmbedder("all-minilm-l6-v2-q", onnx, tokenizer, options);
    } catch (IOException | MalformedModelException e) {
      throw new StepException("cannot load the bundled embedding model", e);
    }
  }

  /**
   * A model of the user's own.
   *
   * @param directory holds {@code tokenizer.json} and {@code model.onnx}, the latter here or under
   *     {@code onnx/}; its name becomes the id
   * @throws InputException when a file is missing or cannot be loaded
   */
  public static OnnxEmbedder load(Path directory, Options options) {
    Path flat = directory.resolve("model.onnx");
    Path onnxFile = Files.exists(flat) ? flat : directory.resolve("onnx/model.onnx");
    byte[] tokenizerJson =
        BoundedFile.bytes(directory.resolve("tokenizer.json"), TextTokenizer.MOST_BYTES);
    try (InputStream onnx = Files.newInputStream(onnxFile);
        InputStream tokenizer = new ByteArrayInputStream(tokenizerJson)) {
      if (Files.size(onnxFile) > MOST_BYTES) {
        throw new InputException(onnxFile + ": larger than " + MOST_BYTES + " bytes");
      }
      return new OnnxEmbedder(
          directory.toAbsolutePath().normalize().getFileName().toString(),
          onnx,
          tokenizer,
          options);
    } catch (InputException e) {
      throw e;
    } catch (IOException | MalformedModelException | RuntimeException e) { // natives throw the last
      throw new InputException(
          directory + ": no embedding model (model.onnx and tokenizer.json) can be loaded", e);
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream stream = OnnxEmbedder.class.getResourceAsStream(name);
    if (stream == null) {
      throw new IOException("no resource " + name + " on the class path");
    }
    return stream;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public List<float[]> embed(List<String> texts) {
    if (texts.isEmpty()) {
      return List.of();
    }
    Encoding[] encodings = tokenizer.batchEncode(texts);
    // Texts of like length share a batch, so that little of it is padding.
    Integer[] byLength = new Integer[encodings.length];
    Arrays.setAll(byLength, i -> i);
    Arrays.sort(byLength, Comparator.comparingInt(i -> encodings[i].getIds().length));
    float[][] vectors = new float[encodings.length][];
    if (options.threads() == 1) {
      // In the caller's thread: several tasks that share this object must not wait for one another.
      alone(encodings, byLength, vectors);
      return Arrays.asList(vectors);
    }
    List<Future<?>> running = new ArrayList<>();
    int perThread = (byLength.length + options.threads() - 1) / options.threads();
    int step = Math.min(perThread, options.batchSize());
    for (int worker = 0; worker < options.threads(); worker++) {
      int first = worker * step;
      running.add(
          threads.submit(
              () -> {
                run(encodings, byLength, first, step, vectors);
                return null;
              }));
    }
    running.forEach(OnnxEmbedder::await);
    return Arrays.asList(vectors);
  }

  private void alone(Encoding[] encodings, Integer[] order, float[][] vectors) {
    try {
      run(encodings, order, 0, Math.min(order.length, options.batchSize()), vectors);
    } catch (TranslateException e) {
      throw new StepException("embedding failed", e);
    }
  }

  /** Every {@code threads}-th batch from the first, so that long texts are shared out evenly. */
  private void run(Encoding[] encodings, Integer[] order, int first, int step, float[][] vectors)
      throws TranslateException {
    try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
      for (int from = first; from < order.length; from += step * options.threads()) {
        int to = Math.min(order.length, from + step);
        batch(predictor, encodings, Arrays.copyOfRange(order, from, to), vectors);
      }
    }
  }

  private void batch(
      Predictor<NDList, NDList> predictor, Encoding[] encodings, Integer[] rows, float[][] vectors)
      throws TranslateException {
    int length = 1;
    for (int row : rows) {
      length = Math.max(length, encodings[row].getIds().length);
    }
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList inputs = new NDList();
      for (String name : inputNames) {
        long[] values = new long[rows.length * length];
        for (int i = 0; i < rows.length; i++) {
          long[] source = input(name, encodings[rows[i]]);
          System.arraycopy(source, 0, values, i * length, source.length);
        }
        inputs.add(manager.create(values, new Shape(rows.length, length)));
      }
      try (NDList outputs = predictor.predict(inputs)) {
        NDArray output = outputs.get(0);
        float[] values = output.toFloatArray();
        boolean pooled = output.getShape().dimension() == 2;
        int width = (int) output.getShape().get(pooled ? 1 : 2);
        for (int i = 0; i < rows.length; i++) {
          int tokens = pooled ? 1 : encodings[rows[i]].getIds().length;
          int offset = pooled ? i * width : i * length * width;
          vectors[rows[i]] = unitMean(values, offset, tokens, width);
        }
      }
    }
  }

  private long[] input(String name, Encoding encoding) {
    return switch (name) {
      case "input_ids" -> encoding.getIds();
      case "attention_mask" -> encoding.getAttentionMask();
      case "token_type_ids" -> encoding.getTypeIds();
      default -> throw new InputException(id + ": cannot give the model its input '" + name + "'");
    };
  }

  /** The mean of some consecutive vectors, scaled to length 1; zeros stay zeros. */
  static float[] unitMean(float[] values, int offset, int count, int width) {
    double[] sum = new double[width];
    for (int token = 0; token < count; token++) {
      for (int k = 0; k < width; k++) {
        sum[k] += values[offset + token * width + k];
      }
    }
    double squares = 0;
    for (double s : sum) {
      squares += s * s;
    }
    double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    float[] unit = new float[width];
    for (int k = 0; k < width; k++) {
      unit[k] = (float) (sum[k] * scale);
    }
    return unit;
  }

  private static void await(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new StepException("embedding failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StepException("embedding was interrupted", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    tokenizer.close();
    model.close();
  }
}
