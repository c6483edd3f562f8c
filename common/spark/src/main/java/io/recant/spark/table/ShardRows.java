package io.recant.spark.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.HashPartitioner;
import org.apache.spark.Partition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FilePartition;
import org.apache.spark.sql.execution.datasources.PartitionedFile;

/**
 * Rows of a table by shard: partition i of the result holds the rows of shard i. The same sample is
 * in the same shard of every table, so tables read like this are joined partition by partition. A
 * table that is read, filtered and projected moves no row; anything else is shuffled by its shard.
 */
public final class ShardRows {

  private static final String PREFIX = "shard=";
  private static final String SPLIT = "spark.sql.files.maxPartitionBytes";
  private static final String OPEN_COST = "spark.sql.files.openCostInBytes";
  private static final String WHOLE = Long.toString(1L << 40);

  private ShardRows() {}

  /**
   * The rows, by shard.
   *
   * @param rows with a column {@code shard} in [0, shards)
   * @return the rows of Spark SQL as they are: one that is kept has to be copied
   */
  public static JavaRDD<InternalRow> of(Dataset<Row> rows, int shards) {
    RDD<InternalRow> files = oneFilePerPartition(rows);
    Optional<int[]> known = shardsOf(files.partitions());
    RDD<InternalRow> byShard =
        known.isPresent()
            ? files.coalesce(shards, false, scala.Option.apply(new ByShard(known.get())), null)
            : shuffled(files.toJavaRDD(), rows.schema().fieldIndex("shard"), shards);
    return byShard.toJavaRDD();
  }

  private static RDD<InternalRow> shuffled(JavaRDD<InternalRow> rows, int column, int shards) {
    return rows.mapToPair(row -> new scala.Tuple2<>(row.getInt(column), row.copy()))
        .partitionBy(new HashPartitioner(shards))
        .values()
        .rdd();
  }

  /** What a scan reads into one partition is decided by settings of the session. */
  private static RDD<InternalRow> oneFilePerPartition(Dataset<Row> rows) {
    var conf = rows.sparkSession().conf();
    String split = conf.get(SPLIT);
    String openCost = conf.get(OPEN_COST);
    try {
      conf.set(SPLIT, WHOLE);
      conf.set(OPEN_COST, WHOLE);
      RDD<InternalRow> rdd = rows.queryExecution().toRdd();
      rdd.partitions();
      return rdd;
    } finally {
      conf.set(SPLIT, split);
      conf.set(OPEN_COST, openCost);
    }
  }

  /** Which shard each partition is of; empty where they are not files of one shard each. */
  private static Optional<int[]> shardsOf(Partition[] partitions) {
    int[] shards = new int[partitions.length];
    for (int i = 0; i < partitions.length; i++) {
      if (!(partitions[i] instanceof FilePartition files)) {
        return Optional.empty();
      }
      shards[i] = -1;
      for (PartitionedFile file : files.files()) {
        String folder = file.toPath().getParent().getName();
        if (!folder.startsWith(PREFIX)) {
          return Optional.empty();
        }
        int shard = Integer.parseInt(folder.substring(PREFIX.length()));
        if (shards[i] >= 0 && shards[i] != shard) {
          return Optional.empty();
        }
        shards[i] = shard;
      }
    }
    return Optional.of(shards);
  }

  /** Puts the partitions of each shard together, in their order. */
  private record ByShard(int[] shardOf) implements PartitionCoalescer, Serializable {

    @Override
    public PartitionGroup[] coalesce(int shards, RDD<?> parent) {
      List<PartitionGroup> groups = new ArrayList<>();
      for (int shard = 0; shard < shards; shard++) {
        groups.add(new PartitionGroup(scala.Option.empty()));
      }
      Partition[] partitions = parent.partitions();
      for (int i = 0; i < partitions.length; i++) {
        groups.get(shardOf[i]).partitions().append(partitions[i]);
      }
      return groups.toArray(PartitionGroup[]::new);
    }
  }
}
