package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.vector.Nearest;
import io.recant.core.vector.Neighbourhood;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Pairs of nearly equal inputs. What is alike falls into common buckets; within a bucket each input
 * is compared with the next few in an order that puts the most alike side by side, so that the work
 * stays proportional to the number of inputs however full a bucket is. Every pair is then verified
 * on the inputs themselves. (Spark MLlib's MinHashLSH joins all pairs of a bucket, and its buckets
 * are of one hash value each, which texts of a language share by the thousand.)
 *
 * <p>Another kind of likeness is another pair of functions: contents to buckets, and two contents
 * to a similarity.
 */
final class NearDuplicates {

  /** An input is told of so many of its most similar ones at most. */
  private static final int MOST = 16;

  private static final StructType PAIRS =
      (StructType) DataType.fromDDL("a bigint, b bigint, similarity double");

  private NearDuplicates() {}

  /**
   * Pairs of texts whose shingle sets have at least a Jaccard similarity, and the same numbers: two
   * exercises that differ in a number only are two exercises.
   *
   * @param texts {@code key string, content string}; different contents
   * @param compared with how many following texts of a bucket each is compared
   * @return {@code key, other, similarity}, every pair in both directions, at most 16 a key
   */
  static Dataset<Row> texts(Dataset<Row> texts, MinHash hash, double threshold, int compared) {
    Column bands =
        udf((UDF1<String, long[]>) hash::buckets, DataTypes.createArrayType(DataTypes.LongType))
            .apply(col("content"));
    UDF2<String, String, Double> similarity =
        (a, b) ->
            NormalText.numbers(a).equals(NormalText.numbers(b))
                ? MinHash.jaccard(hash.shingles(a), hash.shingles(b))
                : 0;
    Dataset<Row> slots =
        texts
            .select(xxhash64(col("key")).as("id"), bands.as("bands"))
            .selectExpr(
                "id",
                "inline(arrays_zip(bands, concat(slice(bands, 2, size(bands)), slice(bands, 1, 1))))")
            .toDF("id", "bucket", "place");
    return verified(
        pairs(slots, compared),
        texts,
        udf(similarity, DataTypes.DoubleType).apply(col("content"), col("other_content")),
        threshold);
  }

  /**
   * Pairs of equal vectors under different inputs, as of one picture in two files.
   *
   * @param vectors {@code key string, content array<float>}, none of them zero
   * @return as {@link #texts}, with similarity 1
   */
  static Dataset<Row> vectors(Dataset<Row> vectors, int compared) {
    Dataset<Row> slots =
        vectors.select(
            xxhash64(col("key")).as("id"),
            xxhash64(col("content")).as("bucket"),
            lit(0L).as("place"));
    return verified(
        pairs(slots, compared), vectors, expr("if(content = other_content, 1d, 0d)"), 1);
  }

  /**
   * Pairs of different inputs whose vectors are near-duplicates of each other.
   *
   * @param keyed {@code sample_id string, key string}
   * @param found the rows around each sample
   * @return as {@link #texts}
   */
  static Dataset<Row> neighbours(Dataset<Row> keyed, JavaPairRDD<Long, Neighbourhood> found) {
    Dataset<Row> keys = keyed.select(xxhash64(col("sample_id")).as("id"), col("key"));
    Dataset<Row> pairs =
        keyed
            .sparkSession()
            .createDataFrame(
                found.flatMap(row -> duplicates(row._1(), row._2().duplicates()).iterator()),
                PAIRS);
    return bothWays(
        pairs
            .join(keys.withColumnRenamed("id", "a"), "a")
            .join(keys.toDF("b", "other"), "b")
            .where(col("key").notEqual(col("other")))
            .select("key", "other", "similarity"));
  }

  private static List<Row> duplicates(long key, Nearest duplicates) {
    List<Row> pairs = new ArrayList<>();
    for (int i = 0; i < duplicates.keys().length; i++) {
      double similarity = Math.min(1, duplicates.similarities()[i]);
      pairs.add(RowFactory.create(key, duplicates.keys()[i], similarity));
    }
    return pairs;
  }

  private static Dataset<Row> pairs(Dataset<Row> slots, int compared) {
    WindowSpec following =
        Window.partitionBy("bucket").orderBy("place", "id").rowsBetween(1, compared);
    return slots
        .withColumn("others", collect_list(col("id")).over(following))
        .select(col("id"), explode(col("others")).as("next"))
        .where("id != next")
        .select(least(col("id"), col("next")).as("a"), greatest(col("id"), col("next")).as("b"))
        .distinct();
  }

  /** Two keys of one hash bring a pair too many, which then has to stand the comparison as well. */
  private static Dataset<Row> verified(
      Dataset<Row> pairs, Dataset<Row> contents, Column similarity, double threshold) {
    Dataset<Row> first = contents.withColumn("a", xxhash64(col("key")));
    Dataset<Row> second =
        contents
            .withColumn("b", xxhash64(col("key")))
            .withColumnRenamed("key", "other")
            .withColumnRenamed("content", "other_content");
    Dataset<Row> found =
        pairs
            .join(first, "a")
            .join(second, "b")
            .select(col("key"), col("other"), similarity.as("similarity"))
            .where(col("similarity").geq(threshold).and(col("key").notEqual(col("other"))));
    return bothWays(found);
  }

  private static Dataset<Row> bothWays(Dataset<Row> found) {
    WindowSpec nearest = Window.partitionBy("key").orderBy(col("similarity").desc(), col("other"));
    return found
        .selectExpr(
            "inline(array(struct(key, other, similarity), struct(other as key, key as other, similarity)))")
        .toDF("key", "other", "similarity")
        .groupBy("key", "other")
        .agg(max("similarity").as("similarity"))
        .withColumn("rank", row_number().over(nearest))
        .where(col("rank").leq(MOST))
        .drop("rank");
  }
}
