package io.recant.jobs.neighbour;

import io.recant.core.vector.CellGroup;
import io.recant.core.vector.Neighbourhood;
import io.recant.core.vector.Point;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Sends every point to the groups of slots it lies in or looks into, once each, and searches group
 * by group. A group's own rows come first and stay in memory; its visitors stream past in blocks.
 */
final class GroupSearch {

  private static final int VISITORS = 1024;
  private static final int MOST_PARTITIONS = 4096;
  private static final int RESULTS_PER_PARTITION = 20_000;

  private GroupSearch() {}

  static JavaPairRDD<Long, Neighbourhood> of(
      JavaRDD<Point> points, long rows, Route route, Neighbourhood.Bounds bounds) {
    Broadcast<Route> shared =
        org.apache.spark.api.java.JavaSparkContext.fromSparkContext(points.context())
            .broadcast(route);
    int partitions = Math.min(MOST_PARTITIONS, route.groups());
    int results = (int) Math.max(points.getNumPartitions(), 1 + rows / RESULTS_PER_PARTITION);
    return points
        .flatMapToPair(point -> sent(point, shared.value()).iterator())
        .repartitionAndSortWithinPartitions(new ByGroup(partitions))
        .mapPartitionsToPair(records -> new Results(records, bounds))
        .groupByKey(results)
        .mapValues(
            parts -> {
              Neighbourhood all = Neighbourhood.NONE;
              for (byte[] part : parts) {
                all = all.merge(PointRecord.neighbourhood(part), bounds);
              }
              return all;
            });
  }

  /** Keys are the group's number doubled, and one more for those who only visit. */
  private static List<Tuple2<Long, byte[]>> sent(Point point, Route route) {
    int[] slots = route.slots(point);
    int home = route.group(slots[0]);
    List<Tuple2<Long, byte[]>> sent = new ArrayList<>();
    int[] here = new int[slots.length];
    for (int i = 0; i < slots.length; i++) {
      int group = route.group(slots[i]);
      int count = 0;
      boolean known = false;
      for (int j = 0; j < slots.length; j++) {
        if (route.group(slots[j]) == group) {
          known |= j < i;
          here[count++] = slots[j];
        }
      }
      if (!known) {
        boolean own = group == home;
        sent.add(
            new Tuple2<>(
                2L * group + (own ? 0 : 1),
                PointRecord.of(point, own ? slots[0] : PointRecord.NOWHERE, here, count)));
      }
    }
    return sent;
  }

  private static final class ByGroup extends Partitioner {

    private final int partitions;

    ByGroup(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (int) ((Long) key / 2 % partitions);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByGroup by && by.partitions == partitions;
    }

    @Override
    public int hashCode() {
      return partitions;
    }
  }

  /** What the groups of a partition find, one after the other. */
  private static final class Results implements Iterator<Tuple2<Long, byte[]>> {

    private final Iterator<Tuple2<Long, byte[]>> records;
    private final Neighbourhood.Bounds bounds;
    private final Queue<Tuple2<Long, byte[]>> ready = new ArrayDeque<>();
    private Tuple2<Long, byte[]> ahead;
    private CellGroup group;
    private long number = -1;

    Results(Iterator<Tuple2<Long, byte[]>> records, Neighbourhood.Bounds bounds) {
      this.records = records;
      this.bounds = bounds;
      advance();
    }

    private void advance() {
      ahead = records.hasNext() ? records.next() : null;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && (ahead != null || group != null)) {
        if (group == null) {
          open();
        } else if (ahead != null && ahead._1() / 2 == number) {
          visit();
        } else {
          group.learnt((key, found) -> ready.add(result(key, found)));
          group = null;
        }
      }
      return !ready.isEmpty();
    }

    /** Takes in the rows that lie in the next group, and lets them look around in it. */
    private void open() {
      group = new CellGroup(bounds);
      number = ahead._1() / 2;
      List<CellGroup.Visitor> own = new ArrayList<>();
      while (ahead != null && ahead._1() == 2 * number) {
        PointRecord.Arrival arrival = PointRecord.arrival(ahead._2());
        group.add(arrival.own(), arrival.visitor().point());
        own.add(arrival.visitor());
        advance();
      }
      for (int from = 0; from < own.size(); from += VISITORS) {
        search(own.subList(from, Math.min(own.size(), from + VISITORS)));
      }
    }

    private void visit() {
      List<CellGroup.Visitor> block = new ArrayList<>(VISITORS);
      while (ahead != null && ahead._1() == 2 * number + 1 && block.size() < VISITORS) {
        block.add(PointRecord.arrival(ahead._2()).visitor());
        advance();
      }
      search(block);
    }

    private void search(List<CellGroup.Visitor> block) {
      List<Neighbourhood> found = group.search(block);
      for (int i = 0; i < found.size(); i++) {
        ready.add(result(block.get(i).point().key(), found.get(i)));
      }
    }

    private static Tuple2<Long, byte[]> result(long key, Neighbourhood found) {
      return new Tuple2<>(key, PointRecord.of(found));
    }

    @Override
    public Tuple2<Long, byte[]> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }
  }
}
