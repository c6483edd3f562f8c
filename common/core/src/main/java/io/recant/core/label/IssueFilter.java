package io.recant.core.label;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decides which rows a {@link LabelFilter} flags. Filters that flag the n most suspicious rows
 * learn where those begin in a few more passes over the rows ({@link Pass}); until {@link
 * #resolved}, the verdicts are not final. At least one row of every class stays unflagged in the
 * pruning filters, and all but the {@code LOW_*} filters leave rows alone whose arg max is the
 * given label.
 */
public final class IssueFilter implements Serializable {

  private enum Criterion {
    NOISE_RATE,
    CLASS,
    SELF_CONFIDENCE,
    MARGIN
  }

  private record Cut(Criterion criterion, Selection selection) implements Serializable {}

  private final LabelFilter filter;
  private final double[] thresholds;
  private final List<Cut> cuts;

  private IssueFilter(LabelFilter filter, double[] thresholds, List<Cut> cuts) {
    this.filter = filter;
    this.thresholds = thresholds;
    this.cuts = cuts;
  }

  /** The filter after the two passes of confident learning. */
  public static IssueFilter of(LabelFilter filter, ClassThresholds classes, ConfidentJoint joint) {
    long[] labelCounts = classes.counts();
    long[][] prune = Calibration.pruneCounts(joint.calibrated(labelCounts));
    List<Cut> cuts =
        switch (filter) {
          case PRUNE_BY_NOISE_RATE -> List.of(byNoiseRate(prune, joint, labelCounts));
          case PRUNE_BY_CLASS -> List.of(byClass(prune, labelCounts));
          case BOTH -> List.of(byNoiseRate(prune, joint, labelCounts), byClass(prune, labelCounts));
          case CONFIDENT_LEARNING, PREDICTED_NEQ_GIVEN -> List.of();
          case LOW_NORMALIZED_MARGIN -> List.of(lowest(Criterion.MARGIN, joint.issues()));
          case LOW_SELF_CONFIDENCE -> List.of(lowest(Criterion.SELF_CONFIDENCE, joint.issues()));
          case BATCHED -> List.of(lowest(Criterion.SELF_CONFIDENCE, joint.batchedIssues()));
        };
    return new IssueFilter(filter, classes.thresholds(), cuts);
  }

  private static Cut byNoiseRate(long[][] prune, ConfidentJoint joint, long[] labelCounts) {
    int classes = prune.length;
    long[] quotas = new long[classes * classes];
    long[] positive = new long[classes * classes];
    for (int k = 0; k < classes; k++) {
      for (int j = 0; j < classes; j++) {
        quotas[k * classes + j] = j == k || labelCounts[k] <= 1 ? 0 : prune[k][j];
        // Where j is the arg max, p_j - p_k is not negative.
        positive[k * classes + j] = joint.predicted()[k][j];
      }
    }
    return new Cut(Criterion.NOISE_RATE, Selection.of(quotas, positive));
  }

  private static Cut byClass(long[][] prune, long[] labelCounts) {
    long[] quotas = new long[prune.length];
    Arrays.setAll(quotas, k -> labelCounts[k] <= 1 ? 0 : labelCounts[k] - prune[k][k]);
    return new Cut(Criterion.CLASS, Selection.of(quotas));
  }

  private static Cut lowest(Criterion criterion, long rows) {
    return new Cut(criterion, Selection.of(new long[] {rows}));
  }

  /** Whether no further pass is needed. */
  public boolean resolved() {
    return cuts.stream().allMatch(cut -> cut.selection().resolved());
  }

  /** Whether the next pass needs all rows, and not just those {@link Undecided}. */
  public boolean needsAllRows() {
    return cuts.stream().anyMatch(cut -> cut.selection().begins());
  }

  /** A pass over all rows. */
  public Pass pass() {
    return new Pass(cuts);
  }

  /** The filter after a pass over all rows. */
  public IssueFilter after(Pass pass) {
    List<Cut> next = new ArrayList<>();
    for (int i = 0; i < cuts.size(); i++) {
      Cut cut = cuts.get(i);
      next.add(new Cut(cut.criterion(), cut.selection().after(pass.passes.get(i))));
    }
    return new IssueFilter(filter, thresholds, List.copyOf(next));
  }

  /**
   * Whether a row is flagged.
   *
   * @param tie a hash of the row, as in the passes
   */
  public boolean flags(int given, double[] p, long tie) {
    boolean low =
        filter == LabelFilter.LOW_NORMALIZED_MARGIN
            || filter == LabelFilter.LOW_SELF_CONFIDENCE
            || filter == LabelFilter.BATCHED;
    if (!low && Probabilities.predictsGiven(p, given)) {
      return false;
    }
    if (filter == LabelFilter.CONFIDENT_LEARNING) {
      int bin = ConfidentJoint.bin(p, thresholds);
      return bin != ConfidentJoint.NONE && bin != given;
    }
    if (filter == LabelFilter.PREDICTED_NEQ_GIVEN) {
      return Probabilities.argMax(p) != given;
    }
    for (Cut cut : cuts) {
      if (!selected(cut, given, p, tie)) {
        return false;
      }
    }
    return true;
  }

  private static boolean selected(Cut cut, int given, double[] p, long tie) {
    Selection selection = cut.selection();
    if (cut.criterion() != Criterion.NOISE_RATE) {
      int cell = cut.criterion() == Criterion.CLASS ? given : 0;
      return selection.selects(cell, Selection.key(value(cut.criterion(), given, p), tie));
    }
    for (int j = 0; j < p.length; j++) {
      if (selection.selects(given * p.length + j, Selection.key(p[j] - p[given], tie))) {
        return true;
      }
    }
    return false;
  }

  private static double value(Criterion criterion, int given, double[] p) {
    return criterion == Criterion.MARGIN
        ? 2 * LabelScore.NORMALIZED_MARGIN.score(p, given) - 1
        : -p[given];
  }

  /** What is done with a row's key in a cell of a cut. */
  private interface KeyUse {
    void key(int cut, int cell, long key);
  }

  /** Hands over the keys of a row that are still needed. */
  private static void keys(List<Cut> cuts, int given, double[] p, long tie, KeyUse use) {
    for (int i = 0; i < cuts.size(); i++) {
      Criterion criterion = cuts.get(i).criterion();
      Selection selection = cuts.get(i).selection();
      if (criterion == Criterion.NOISE_RATE) {
        double least = selection.least();
        for (int j = 0; j < p.length; j++) {
          double margin = p[j] - p[given];
          if (margin >= least) {
            use(use, i, selection, given * p.length + j, Selection.key(margin, tie));
          }
        }
      } else {
        int cell = criterion == Criterion.CLASS ? given : 0;
        use(use, i, selection, cell, Selection.key(value(criterion, given, p), tie));
      }
    }
  }

  private static void use(KeyUse use, int cut, Selection selection, int cell, long key) {
    if (selection.undecided(cell, key)) {
      use.key(cut, cell, key);
    }
  }

  /** What one pass over the rows counts; mergeable. */
  public static final class Pass implements Serializable {

    private final List<Cut> cuts;
    private final List<Selection.Pass> passes = new ArrayList<>();

    private Pass(List<Cut> cuts) {
      this.cuts = cuts;
      cuts.forEach(cut -> passes.add(cut.selection().pass()));
    }

    /** Takes one row in. */
    public void add(int given, double[] p, long tie) {
      keys(cuts, given, p, tie, (cut, cell, key) -> passes.get(cut).add(cell, key));
    }

    /** Takes rows in that were undecided at this pass or an earlier one. */
    public void add(Undecided rows) {
      for (int i = 0; i < rows.size; i++) {
        passes.get(rows.cuts[i]).add(rows.cells[i], rows.keys[i]);
      }
    }

    /** Takes another pass's rows in. */
    public Pass merge(Pass other) {
      for (int i = 0; i < passes.size(); i++) {
        passes.get(i).merge(other.passes.get(i));
      }
      return this;
    }
  }

  /** The keys of some rows that may be where a quota ends, for nothing yet. */
  public Undecided undecided() {
    return new Undecided(this);
  }

  /**
   * The keys of rows that may be where a quota ends. After the first pass these are few, and the
   * passes that follow need only them.
   */
  public static final class Undecided implements Serializable {

    private final IssueFilter filter;
    private byte[] cuts = new byte[64];
    private int[] cells = new int[64];
    private long[] keys = new long[64];
    private int size;

    private Undecided(IssueFilter filter) {
      this.filter = filter;
    }

    /** Takes one row in. */
    public void add(int given, double[] p, long tie) {
      keys(filter.cuts, given, p, tie, this::add);
    }

    private void add(int cut, int cell, long key) {
      if (size == keys.length) {
        int larger = Math.addExact(size, size);
        cuts = Arrays.copyOf(cuts, larger);
        cells = Arrays.copyOf(cells, larger);
        keys = Arrays.copyOf(keys, larger);
      }
      cuts[size] = (byte) cut;
      cells[size] = cell;
      keys[size++] = key;
    }
  }
}
