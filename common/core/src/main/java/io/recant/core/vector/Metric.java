package io.recant.core.vector;

/** How far apart two vectors are. */
public enum Metric {
  /** 1 - cosine; a vector of zeros has no direction, and no distance to anything. */
  COSINE,
  /** The length of the difference. */
  EUCLIDEAN
}
