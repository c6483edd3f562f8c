package io.recant.core.vector;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A partition of space into cells around centroids, found by k-means on a sample: the index of
 * inverted lists (Sivic and Zisserman, ICCV 2003), as a tree (Nister and Stewenius, CVPR 2006): a
 * node has at most 32 children, so that finding a vector's cell takes the logarithm of the number
 * of cells, not that number. A crowded cell becomes a node with cells of its own.
 *
 * <p>Under {@link Metric#COSINE} k-means is spherical: centroids have length 1.
 */
public final class CellTree implements Serializable {

  /** Most children of a node. */
  static final int FAN_OUT = 32;

  /** So many nodes of a level are looked into. */
  private static final int BEAM = 6;

  private static final int ROUNDS = 6;

  private final Metric metric;
  private final Node root;
  private final int cells;
  private final int groups;

  private record Centroids(float[][] vectors, float[] lifts) implements Serializable {}

  /** A child is a node, or null: the cell of the number beside it. */
  private static final class Node implements Serializable {

    private final Centroids centroids;
    private final Node[] children;
    private final int[] cells;
    private int group;
    private transient DotBlock block;

    Node(Centroids centroids, Node[] children) {
      this.centroids = centroids;
      this.children = children;
      this.cells = new int[children.length];
    }

    float[] scores(float[] vector) {
      if (block == null) {
        block = new DotBlock(centroids.vectors(), centroids.lifts());
      }
      return block.dots(vector);
    }
  }

  /**
   * A place found on the way down.
   *
   * @param child which of the node's children
   */
  private record Place(float score, Node node, int child) {}

  private CellTree(Metric metric, Node root) {
    this.metric = metric;
    this.root = root;
    int[] numbers = numbered(root, 0, 0);
    cells = numbers[0];
    groups = numbers[1];
  }

  private static int[] numbered(Node node, int cell, int group) {
    int[] next = {cell, group + 1};
    node.group = group;
    for (int c = 0; c < node.children.length; c++) {
      if (node.children[c] == null) {
        node.cells[c] = next[0]++;
      } else {
        next = numbered(node.children[c], next[0], next[1]);
      }
    }
    return next;
  }

  /**
   * Clusters a sample.
   *
   * @param sample placed vectors, in an order that is the same in every run; at least one
   * @param cells about how many cells; at most as many as there are vectors
   */
  public static CellTree of(Metric metric, float[][] sample, int cells, long seed) {
    return new CellTree(metric, node(metric, sample, cells, new SplittableRandom(seed)));
  }

  private static Node node(Metric metric, float[][] sample, int cells, SplittableRandom random) {
    int wanted = Math.max(1, Math.min(cells, sample.length));
    int children = wanted <= FAN_OUT ? wanted : Math.min(FAN_OUT, ceilDiv(wanted, FAN_OUT));
    Centroids centroids = drawn(metric, sample, children, random);
    int[] nearest = new int[sample.length];
    for (int round = 0; round < ROUNDS; round++) {
      assign(centroids, sample, nearest);
      centroids = moved(metric, centroids, sample, nearest);
    }
    Node node = new Node(centroids, new Node[children]);
    if (wanted > FAN_OUT) {
      assign(centroids, sample, nearest);
      for (int c = 0; c < children; c++) {
        int child = c;
        float[][] own =
            IntStream.range(0, sample.length)
                .filter(i -> nearest[i] == child)
                .mapToObj(i -> sample[i])
                .toArray(float[][]::new);
        int share = (int) Math.round((double) wanted * own.length / sample.length);
        boolean apart = own.length < sample.length;
        if (share > 1 && apart) {
          node.children[c] = node(metric, own, share, random);
        }
      }
    }
    return node;
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  private static Centroids drawn(
      Metric metric, float[][] sample, int count, SplittableRandom random) {
    int[] order = IntStream.range(0, sample.length).toArray();
    float[][] vectors = new float[count][];
    for (int c = 0; c < count; c++) {
      int drawn = c + random.nextInt(order.length - c);
      int swapped = order[c];
      order[c] = order[drawn];
      order[drawn] = swapped;
      vectors[c] = sample[order[c]].clone();
    }
    return lifted(metric, vectors);
  }

  private static Centroids lifted(Metric metric, float[][] vectors) {
    float[] lifts = new float[vectors.length];
    for (int c = 0; c < lifts.length; c++) {
      lifts[c] = VectorFrame.lift(metric, vectors[c]);
    }
    return new Centroids(vectors, lifts);
  }

  private static void assign(Centroids centroids, float[][] sample, int[] nearest) {
    DotBlock block = new DotBlock(centroids.vectors(), centroids.lifts());
    for (int i = 0; i < sample.length; i++) {
      nearest[i] = best(block.dots(sample[i]));
    }
  }

  private static int best(float[] scores) {
    int best = 0;
    for (int c = 1; c < scores.length; c++) {
      if (scores[c] > scores[best]) {
        best = c;
      }
    }
    return best;
  }

  /** One round of Lloyd's algorithm; an empty cell keeps its centroid. */
  private static Centroids moved(
      Metric metric, Centroids centroids, float[][] sample, int[] nearest) {
    int dimensions = sample[0].length;
    int count = centroids.vectors().length;
    double[][] sums = new double[count][dimensions];
    int[] sizes = new int[count];
    for (int i = 0; i < sample.length; i++) {
      double[] sum = sums[nearest[i]];
      sizes[nearest[i]]++;
      for (int d = 0; d < dimensions; d++) {
        sum[d] += sample[i][d];
      }
    }
    float[][] next = new float[count][];
    for (int c = 0; c < count; c++) {
      double norm =
          metric == Metric.COSINE
              ? Math.sqrt(Arrays.stream(sums[c]).map(x -> x * x).sum())
              : sizes[c];
      next[c] = centroids.vectors()[c].clone();
      for (int d = 0; d < dimensions && norm > 1e-12; d++) {
        next[c][d] = (float) (sums[c][d] / norm);
      }
    }
    return lifted(metric, next);
  }

  /** This tree with cells turned into nodes: cell number to the tree that takes its place. */
  public CellTree split(Map<Integer, CellTree> trees) {
    return new CellTree(metric, split(root, trees));
  }

  private static Node split(Node node, Map<Integer, CellTree> trees) {
    Node[] children = new Node[node.children.length];
    for (int c = 0; c < children.length; c++) {
      CellTree instead = node.children[c] == null ? trees.get(node.cells[c]) : null;
      if (instead != null) {
        children[c] = split(instead.root, Map.of());
      } else if (node.children[c] != null) {
        children[c] = split(node.children[c], trees);
      }
    }
    return new Node(node.centroids, children);
  }

  /** How many cells there are. */
  public int cells() {
    return cells;
  }

  /** How many groups there are: a group is the cells of one node, which lie side by side. */
  public int groups() {
    return groups;
  }

  /** The group of each cell. */
  public int[] groupOfCell() {
    int[] group = new int[cells];
    grouped(root, group);
    return group;
  }

  private static void grouped(Node node, int[] group) {
    for (int c = 0; c < node.children.length; c++) {
      if (node.children[c] == null) {
        group[node.cells[c]] = node.group;
      } else {
        grouped(node.children[c], group);
      }
    }
  }

  /** The cell of a placed vector. */
  public int cell(float[] vector) {
    return nearest(vector, 1)[0];
  }

  /**
   * The cells near a placed vector, from the nearest; the first is its own. Of each level the nodes
   * nearest to it are looked into.
   */
  public int[] nearest(float[] vector, int most) {
    Nearest.Collector found = new Nearest.Collector(Math.min(most, cells));
    Node[] level = {root};
    while (level.length > 0) {
      Place[] inner = new Place[level.length * FAN_OUT];
      int size = 0;
      for (Node node : level) {
        float[] scores = node.scores(vector);
        for (int c = 0; c < scores.length; c++) {
          if (node.children[c] == null) {
            found.offer(scores[c], node.cells[c], node.cells[c]);
          } else {
            inner[size++] = new Place(scores[c], node, c);
          }
        }
      }
      level =
          Arrays.stream(inner, 0, size)
              .sorted(Comparator.comparingDouble(place -> -place.score()))
              .limit(BEAM)
              .map(place -> place.node().children[place.child()])
              .toArray(Node[]::new);
    }
    return found.nearest().labels();
  }
}
