package io.recant.spark.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.Partition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.InputAdapter;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.execution.datasources.FilePartition;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

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
   * @return views of the rows, good until the next is asked for: what is kept has to be copied
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

  /**
   * Rows of several places, each with {@code shards} partitions and those of shard i in partition
   * i: so is the result, and no row moves. A plan that shuffles does so here, once for all uses of
   * the result.
   */
  public static Dataset<Row> together(List<Dataset<Row>> placed, int shards) {
    Dataset<Row> first = placed.get(0);
    List<RDD<InternalRow>> rdds =
        placed.stream()
            .map(rows -> rows.queryExecution().toRdd())
            // What Spark's planner knows to be empty.
            .filter(rdd -> rdd.getNumPartitions() > 0)
            .toList();
    rdds.forEach(rdd -> checkPlaced(rdd, shards));
    int[] shardOf = IntStream.range(0, shards * rdds.size()).map(i -> i % shards).toArray();
    RDD<InternalRow> all =
        first
            .sparkSession()
            .sparkContext()
            .union(CollectionConverters.asScala(rdds).toSeq(), ClassTag.apply(InternalRow.class));
    return ((org.apache.spark.sql.classic.SparkSession) first.sparkSession())
        .internalCreateDataFrame(
            all.coalesce(shards, false, scala.Option.apply(new ByShard(shardOf)), null),
            first.schema(),
            false);
  }

  private static void checkPlaced(RDD<?> rdd, int shards) {
    if (rdd.getNumPartitions() != shards) {
      throw new IllegalArgumentException(
          rdd.getNumPartitions() + " partitions where there are " + shards + " shards");
    }
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
      RDD<InternalRow> rdd = scanned(rows);
      rdd.partitions();
      return rdd;
    } finally {
      conf.set(SPLIT, split);
      conf.set(OPEN_COST, openCost);
    }
  }

  /**
   * The rows as the scan decodes them where nothing else is done to them: Spark SQL would copy each
   * number of an array into a row first, which takes longer than to decode it.
   */
  private static RDD<InternalRow> scanned(Dataset<Row> rows) {
    Optional<FileSourceScanExec> scan = onlyScan(rows.queryExecution().executedPlan());
    if (scan.isEmpty() || !scan.get().supportsColumnar()) {
      return rows.queryExecution().toRdd();
    }
    List<String> columns =
        CollectionConverters.asJava(scan.get().output()).stream().map(Attribute::name).toList();
    StructType schema = rows.schema();
    List<Object> ordinals =
        Arrays.stream(schema.fieldNames()).<Object>map(columns::indexOf).toList();
    return scan.get()
        .executeColumnar()
        .toJavaRDD()
        .mapPartitions(
            batches -> {
              ProjectingInternalRow row =
                  ProjectingInternalRow.apply(
                      schema, CollectionConverters.asScala(ordinals).toIndexedSeq());
              return new RowsOfBatches(batches, row);
            })
        .rdd();
  }

  /** The scan of a plan that does no more than to leave columns out. */
  private static Optional<FileSourceScanExec> onlyScan(SparkPlan plan) {
    if (plan instanceof FileSourceScanExec scan) {
      return Optional.of(scan);
    }
    boolean keepsRows =
        plan instanceof WholeStageCodegenExec
            || plan instanceof InputAdapter
            || plan instanceof ColumnarToRowExec
            || plan instanceof ProjectExec project
                && CollectionConverters.asJava(project.projectList()).stream()
                    .allMatch(Attribute.class::isInstance);
    return keepsRows ? onlyScan(plan.children().head()) : Optional.empty();
  }

  /** The rows of batches, one view for all. */
  private static final class RowsOfBatches implements Iterator<InternalRow> {

    private final Iterator<ColumnarBatch> batches;
    private final ProjectingInternalRow row;
    private Iterator<InternalRow> batch = Collections.emptyIterator();

    RowsOfBatches(Iterator<ColumnarBatch> batches, ProjectingInternalRow row) {
      this.batches = batches;
      this.row = row;
    }

    @Override
    public boolean hasNext() {
      while (!batch.hasNext() && batches.hasNext()) {
        batch = batches.next().rowIterator();
      }
      return batch.hasNext();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      row.project(batch.next());
      return row;
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
