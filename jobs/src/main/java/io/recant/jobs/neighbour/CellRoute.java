package io.recant.jobs.neighbour;

import io.recant.core.vector.CellTree;
import io.recant.core.vector.Point;
import java.util.Arrays;

/**
 * The way into the cells of a tree. A cell that could not be split, because its rows cannot be told
 * apart, is cut into pieces by hash; whoever looks into it looks into one piece, a fair sample of
 * rows all equally near.
 */
final class CellRoute implements Route {

  private final CellTree tree;
  private final int probes;
  private final int[] pieces;
  private final int[] firstSlot;
  private final int[] groupOfSlot;
  private final int groups;

  /**
   * @param sizes rows of each cell
   * @param most rows of a piece
   * @param probes how many cells a point looks into
   */
  CellRoute(CellTree tree, long[] sizes, int most, int probes) {
    this.tree = tree;
    this.probes = probes;
    pieces = Arrays.stream(sizes).mapToInt(s -> (int) Math.max(1, (s + most - 1) / most)).toArray();
    firstSlot = new int[pieces.length];
    groupOfSlot = new int[Arrays.stream(pieces).sum()];
    int[] groupOfCell = tree.groupOfCell();
    int slot = 0;
    int group = tree.groups();
    for (int cell = 0; cell < pieces.length; cell++) {
      firstSlot[cell] = slot;
      for (int i = 0; i < pieces[cell]; i++) {
        groupOfSlot[slot++] = pieces[cell] == 1 ? groupOfCell[cell] : group++;
      }
    }
    groups = group;
  }

  private CellRoute(CellRoute other, int probes) {
    tree = other.tree;
    this.probes = probes;
    pieces = other.pieces;
    firstSlot = other.firstSlot;
    groupOfSlot = other.groupOfSlot;
    groups = other.groups;
  }

  /** The same way into another number of cells. */
  CellRoute with(int otherProbes) {
    return new CellRoute(this, otherProbes);
  }

  @Override
  public int[] slots(Point point) {
    int[] slots = tree.nearest(point.vector(), probes);
    for (int i = 0; i < slots.length; i++) {
      int cell = slots[i];
      slots[i] =
          firstSlot[cell] + (int) Math.floorMod(Sampling.mixed(point.key()), (long) pieces[cell]);
    }
    return slots;
  }

  @Override
  public int group(int slot) {
    return groupOfSlot[slot];
  }

  @Override
  public int groups() {
    return groups;
  }
}
