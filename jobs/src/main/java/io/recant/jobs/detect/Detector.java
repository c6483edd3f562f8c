package io.recant.jobs.detect;

import io.recant.core.registry.Extension;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Looks at every candidate of a corpus and says how likely it is bad. Statistics (thresholds,
 * rates, neighbours) come from samples only, never from canaries, so that a canary changes no
 * sample's score; canaries are judged by them like samples. Detectors whose findings are an {@link
 * io.recant.core.decision.Observation} say nothing about targets, and have none for canaries.
 *
 * @param <S> the settings record
 */
public interface Detector<S extends Record> extends Extension<S> {

  /** Whether it applies to a corpus when the configuration names no detectors. */
  boolean appliesTo(Candidates candidates);

  /**
   * Judges the candidates.
   *
   * @return rows of {@link Finding#SCHEMA}, at most one per candidate, in any order
   */
  Dataset<Row> detect(S settings, Candidates candidates);

  /**
   * Whether findings about samples and about canaries are computed apart, each in as many
   * partitions as there are shards and those of shard i in partition i: then asking for one does
   * not compute the other, and none are shuffled. Otherwise all are shuffled once, for both.
   */
  default boolean keepsShards() {
    return false;
  }
}
