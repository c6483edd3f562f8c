package io.recant.jobs.neighbour;

import io.recant.core.vector.Point;
import java.util.stream.IntStream;

/**
 * Exact search: rows lie in blocks, and of two blocks the rows of one look into the other, in turn,
 * so that blocks have equal work.
 *
 * @param blocks how many
 */
record EveryPair(int blocks) implements Route {

  private static final int BLOCK_ROWS = 25_000;
  private static final int LEAST_BLOCKS = 4;

  static EveryPair of(long rows) {
    return new EveryPair((int) Math.max(LEAST_BLOCKS, (rows + BLOCK_ROWS - 1) / BLOCK_ROWS));
  }

  @Override
  public int[] slots(Point point) {
    int own = (int) Math.floorMod(Sampling.mixed(point.key()), (long) blocks);
    int half = blocks / 2;
    boolean last = blocks % 2 == 1 || own < half;
    return IntStream.rangeClosed(0, last ? half : half - 1)
        .map(step -> (own + step) % blocks)
        .toArray();
  }

  @Override
  public int group(int slot) {
    return slot;
  }

  @Override
  public int groups() {
    return blocks;
  }
}
