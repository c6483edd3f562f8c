package io.recant.ml.template;

/** The text that becomes of a template, and the bounds on what one from elsewhere may cost. */
final class Output {

  private static final int MOST_CHARACTERS = 1 << 24;
  private static final int MOST_STEPS = 1_000_000;
  private static final int DEEPEST = 64;

  private final StringBuilder text = new StringBuilder();
  private final int[] steps;
  private final int depth;

  Output() {
    this(new int[1], 0);
  }

  private Output(int[] steps, int depth) {
    this.steps = steps;
    this.depth = depth;
    if (depth > DEEPEST) {
      throw new TemplateException("macros call each other more than " + DEEPEST + " deep");
    }
  }

  /** An output of a part, which counts for the whole. */
  Output apart() {
    return new Output(steps, depth + 1);
  }

  void step() {
    if (++steps[0] > MOST_STEPS) {
      throw new TemplateException("takes more than " + MOST_STEPS + " steps");
    }
  }

  void append(String piece) {
    if (text.length() + (long) piece.length() > MOST_CHARACTERS) {
      throw new TemplateException("becomes longer than " + MOST_CHARACTERS + " characters");
    }
    text.append(piece);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
