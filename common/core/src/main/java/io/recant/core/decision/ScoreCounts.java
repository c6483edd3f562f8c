package io.recant.core.decision;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How many canaries and how many samples have each score: all that the choice of a cut needs to
 * know of a corpus, and what a distributed job can add up and collect whatever the corpus' size.
 * Scores ascend strictly; higher is more suspicious.
 */
public final class ScoreCounts {

  private final List<Cell> cells;
  private final double canaries;
  private final double samples;

  /**
   * The rows of one score. Counts may be weights.
   *
   * @param score the score
   * @param canaries known errors with it
   * @param samples rows of unknown state with it
   */
  public record Cell(double score, double canaries, double samples) {

    /** All rows. */
    double rows() {
      return canaries + samples;
    }
  }

  private ScoreCounts(List<Cell> cells) {
    this.cells = List.copyOf(cells);
    this.canaries = cells.stream().mapToDouble(Cell::canaries).sum();
    this.samples = cells.stream().mapToDouble(Cell::samples).sum();
  }

  /** From cells in any order; those of one score are added. */
  public static ScoreCounts of(List<Cell> cells) {
    List<Cell> merged = new ArrayList<>();
    for (Cell cell : cells.stream().sorted(Comparator.comparingDouble(Cell::score)).toList()) {
      int last = merged.size() - 1;
      if (last >= 0 && merged.get(last).score() == cell.score()) {
        merged.set(last, sum(merged.get(last), cell, cell.score()));
      } else {
        merged.add(cell);
      }
    }
    return new ScoreCounts(merged);
  }

  /** From one score per row. */
  public static ScoreCounts of(double[] canaries, double[] samples) {
    List<Cell> cells = new ArrayList<>(canaries.length + samples.length);
    for (double score : canaries) {
      cells.add(new Cell(score, 1, 0));
    }
    for (double score : samples) {
      cells.add(new Cell(score, 0, 1));
    }
    return of(cells);
  }

  /** The cells, by ascending score. */
  public List<Cell> cells() {
    return cells;
  }

  /** All canaries. */
  public double canaries() {
    return canaries;
  }

  /** All samples. */
  public double samples() {
    return samples;
  }

  /**
   * At most {@code bins} cells of about equal mass, where canaries together weigh as much as
   * samples together; a bin's score is the mean of its rows under these weights. Rows of one score
   * stay together.
   */
  public ScoreCounts binned(int bins) {
    return new ScoreCounts(binned(cells, bins));
  }

  /** Like {@link #binned(int)} on either side of a threshold, so that no bin crosses it. */
  ScoreCounts binnedAround(double threshold, int bins) {
    List<Cell> all =
        new ArrayList<>(binned(cells.stream().filter(c -> c.score() < threshold).toList(), bins));
    all.addAll(binned(cells.stream().filter(c -> c.score() >= threshold).toList(), bins));
    return new ScoreCounts(all);
  }

  private List<Cell> binned(List<Cell> some, int bins) {
    double total = some.stream().mapToDouble(this::mass).sum();
    List<Cell> binned = new ArrayList<>();
    double before = 0;
    int bin = -1;
    double binMass = 0;
    for (Cell cell : some) {
      double mass = mass(cell);
      int own = (int) Math.min(bins - 1, Math.floor(bins * (before + mass / 2) / total));
      before += mass;
      if (own != bin) {
        binned.add(cell);
        binMass = mass;
        bin = own;
      } else {
        int last = binned.size() - 1;
        double mean =
            binned.get(last).score()
                + (cell.score() - binned.get(last).score()) * mass / (binMass + mass);
        binned.set(last, sum(binned.get(last), cell, mean));
        binMass += mass;
      }
    }
    return binned;
  }

  private double mass(Cell cell) {
    return (canaries == 0 ? 0 : cell.canaries() / canaries)
        + (samples == 0 ? 0 : cell.samples() / samples);
  }

  private static Cell sum(Cell a, Cell b, double score) {
    return new Cell(score, a.canaries() + b.canaries(), a.samples() + b.samples());
  }
}
