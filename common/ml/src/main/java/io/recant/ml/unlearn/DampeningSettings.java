package io.recant.ml.unlearn;

/** What methods set that compare what weights matter to the forget set and to the retain set. */
interface DampeningSettings {

  /** What {@link #lambda} is, in words. */
  String LAMBDA = "strength of what is left; smaller dampens more";

  /** What {@link #retainSamples} is, in words. */
  String RETAIN_SAMPLES = "at most so many retain examples are read, drawn at random";

  /** What {@link #shuffleBuffer} is, in words. */
  String SHUFFLE_BUFFER = "examples held at once to draw from";

  double lambda();

  int retainSamples();

  int shuffleBuffer();
}
