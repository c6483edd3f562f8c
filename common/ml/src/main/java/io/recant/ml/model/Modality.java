package io.recant.ml.model;

/** What of an example a model reads, and so what a {@link TaskSpec} has to tell a new one. */
public enum Modality {
  /** {@code Example.input}: needs a tokenizer. */
  TEXT,
  /** {@code Example.vector}: needs its dimension and the classes. */
  VECTOR,
  /** {@code Example.image}: needs its size and the classes. */
  IMAGE
}
