package io.recant.ml.embedding;

import java.util.List;

/** Turns texts into vectors whose cosine says how close their meanings are. */
public interface Embedder extends AutoCloseable {

  /** Which model made the vectors; vectors of different ids are not comparable. */
  String id();

  /** Length of every vector. */
  int dimension();

  /**
   * Embeds texts; may be called by several threads at once.
   *
   * @param texts any number; each is cut at the model's longest input
   * @return one vector of Euclidean norm 1 per text, in order
   */
  List<float[]> embed(List<String> texts);

  @Override
  void close();
}
