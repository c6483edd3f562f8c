package io.recant.jobs.ingest;

import org.apache.spark.sql.SparkSession;

/**
 * What a source is given.
 *
 * @param spark the session
 * @param corpus the corpus's name, for messages
 * @param maxRowBytes the length beyond which a row is not read, in bytes
 * @param maxExpansion see {@link Expansion}
 */
public record SourceContext(SparkSession spark, String corpus, int maxRowBytes, int maxExpansion) {}
