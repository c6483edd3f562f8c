package io.recant.jobs.features;

import io.recant.ml.embedding.Embedder;
import io.recant.ml.embedding.OnnxEmbedder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One embedding session per model and executor JVM, shared by its tasks. It owns the native memory
 * until the JVM ends: loading a session costs more than a task's work.
 */
final class SharedEmbedder {

  /** The name of the model that comes with Recant. */
  static final String BUNDLED = "minilm";

  private static final Map<FeaturesConfig.EmbeddingModel, Embedder> SESSIONS =
      new ConcurrentHashMap<>();

  private SharedEmbedder() {}

  /** The session of a model: {@link #BUNDLED}, or a directory every executor can read. */
  static Embedder of(FeaturesConfig.EmbeddingModel settings) {
    return SESSIONS.computeIfAbsent(settings, SharedEmbedder::open);
  }

  private static Embedder open(FeaturesConfig.EmbeddingModel settings) {
    OnnxEmbedder.Options options =
        new OnnxEmbedder.Options(settings.threads(), settings.batchSize(), settings.maxTokens());
    Embedder embedder =
        settings.model().equals(BUNDLED)
            ? OnnxEmbedder.bundled(options)
            : OnnxEmbedder.load(Path.of(settings.model()), options);
    Runtime.getRuntime().addShutdownHook(new Thread(embedder::close, "recant-close-embedder"));
    return embedder;
  }
}
