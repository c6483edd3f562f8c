package io.recant.core.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of some cells, held in memory to be searched by blocks of visitors. Every product serves
 * both sides: the visitor learns of the row, and the row of the visitor. So two rows find each
 * other when either looks into the other's cell.
 *
 * <p>Not for use by several threads.
 */
public final class CellGroup {

  /** Visitors that pass over a tile together. */
  private static final int TOGETHER = 32;

  private final Neighbourhood.Bounds bounds;
  private final Map<Integer, List<Point>> filling = new HashMap<>();
  private final Map<Integer, Cell> cells = new HashMap<>();
  private final float[][] products = new float[TOGETHER][DotBlock.TILE];
  private final float[][] queries = new float[TOGETHER][];
  private final float[] lifts = new float[TOGETHER];

  /**
   * A row that looks into cells of the group.
   *
   * @param cells which; those without rows are passed over
   */
  public record Visitor(Point point, int[] cells) {}

  private static final class Cell {

    final DotBlock block;
    final long[] keys;
    final int[] labels;
    final float[] floors;
    final Neighbourhood.Collector[] around;

    Cell(List<Point> points, Neighbourhood.Bounds bounds) {
      float[][] vectors = new float[points.size()][];
      float[] lifts = new float[vectors.length];
      keys = new long[vectors.length];
      labels = new int[vectors.length];
      around = new Neighbourhood.Collector[vectors.length];
      for (int i = 0; i < vectors.length; i++) {
        Point point = points.get(i);
        vectors[i] = point.vector();
        lifts[i] = point.lift();
        keys[i] = point.key();
        labels[i] = point.label();
        around[i] = new Neighbourhood.Collector(bounds);
      }
      block = new DotBlock(vectors, lifts);
      floors = new float[vectors.length];
      Arrays.fill(floors, Float.NEGATIVE_INFINITY);
    }
  }

  /** A group without rows. */
  public CellGroup(Neighbourhood.Bounds bounds) {
    this.bounds = bounds;
  }

  /** Puts a row into a cell; before the first search. */
  public void add(int cell, Point point) {
    filling.computeIfAbsent(cell, c -> new ArrayList<>()).add(point);
  }

  /** What each visitor finds in the cells it looks into. */
  public List<Neighbourhood> search(List<Visitor> visitors) {
    seal();
    Neighbourhood.Collector[] found = new Neighbourhood.Collector[visitors.size()];
    float[] floors = new float[found.length];
    Map<Integer, List<Integer>> asking = new HashMap<>();
    for (int i = 0; i < found.length; i++) {
      found[i] = new Neighbourhood.Collector(bounds);
      floors[i] = Float.NEGATIVE_INFINITY;
      for (int cell : visitors.get(i).cells()) {
        if (cells.containsKey(cell)) {
          asking.computeIfAbsent(cell, c -> new ArrayList<>()).add(i);
        }
      }
    }
    asking.forEach((cell, who) -> search(cells.get(cell), visitors, who, found, floors));
    return Arrays.stream(found).map(Neighbourhood.Collector::neighbourhood).toList();
  }

  /** Takes what each row of the group has learnt from its visitors. */
  public interface Learnt {

    /** A row's part. */
    void accept(long key, Neighbourhood neighbourhood);
  }

  /** What the rows of the group have learnt from all visitors so far. */
  public void learnt(Learnt taker) {
    seal();
    for (Cell cell : cells.values()) {
      for (int i = 0; i < cell.keys.length; i++) {
        taker.accept(cell.keys[i], cell.around[i].neighbourhood());
      }
    }
  }

  private void seal() {
    filling.forEach((cell, points) -> cells.put(cell, new Cell(points, bounds)));
    filling.clear();
  }

  private void search(
      Cell cell,
      List<Visitor> visitors,
      List<Integer> who,
      Neighbourhood.Collector[] found,
      float[] floors) {
    for (int from = 0; from < who.size(); from += TOGETHER) {
      int count = Math.min(TOGETHER, who.size() - from);
      for (int q = 0; q < count; q++) {
        Point point = visitors.get(who.get(from + q)).point();
        int padded = DotBlock.padded(point.vector().length);
        queries[q] =
            padded == point.vector().length
                ? point.vector()
                : Arrays.copyOf(point.vector(), padded);
        lifts[q] = point.lift();
      }
      for (int tile = 0; tile < cell.block.tiles(); tile++) {
        cell.block.products(tile, queries, lifts, count, products);
        for (int q = 0; q < count; q++) {
          int visitor = who.get(from + q);
          floors[visitor] =
              take(
                  cell,
                  tile,
                  visitors.get(visitor).point(),
                  products[q],
                  found[visitor],
                  floors[visitor]);
        }
      }
    }
  }

  /** Offers a visitor and the rows of a tile to each other; returns the visitor's new floor. */
  private static float take(
      Cell cell,
      int tile,
      Point visitor,
      float[] products,
      Neighbourhood.Collector found,
      float before) {
    float floor = before;
    int first = tile * DotBlock.TILE;
    int width = cell.block.width(tile);
    for (int j = 0; j < width; j++) {
      float similarity = products[j];
      int row = first + j;
      if ((similarity >= floor || similarity >= cell.floors[row])
          && cell.keys[row] != visitor.key()) {
        floor = found.offer(similarity, cell.keys[row], cell.labels[row]);
        cell.floors[row] = cell.around[row].offer(similarity, visitor.key(), visitor.label());
      }
    }
    return floor;
  }
}
