package io.recant.core.decision;

import java.util.Arrays;
import java.util.List;

/**
 * Kinds of findings that tell what a corpus is like and accuse no target: a rare row may be rightly
 * labelled, and so may every row of a rare class. Canaries, which are rows with another target,
 * cannot weigh them. So they are shown, and never join p_bad, a cut, or the reasons of a decision.
 */
public enum Observation {
  /** A row far from all others. */
  OUTLIER("outlier"),
  /** A row of a group whose labels are doubtful as a whole. */
  UNDERPERFORMING_GROUP("underperforming_group"),
  /** A row of a class with very few rows. */
  CLASS_IMBALANCE("class_imbalance");

  private final String kind;

  Observation(String kind) {
    this.kind = kind;
  }

  /** The kind as table findings has it. */
  public String kind() {
    return kind;
  }

  /** All of them. */
  public static List<String> kinds() {
    return Arrays.stream(values()).map(Observation::kind).toList();
  }
}
