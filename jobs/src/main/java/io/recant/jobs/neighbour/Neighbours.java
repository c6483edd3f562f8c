package io.recant.jobs.neighbour;

import io.recant.core.vector.Neighbourhood;
import io.recant.core.vector.VectorFrame;
import org.apache.spark.api.java.JavaPairRDD;

/**
 * What a search found.
 *
 * @param found by key; rows without a place in the frame are not in it
 * @param frame what similarities mean
 * @param release lets go of what the search keeps in memory, when {@code found} has been read
 */
public record Neighbours(
    JavaPairRDD<Long, Neighbourhood> found, VectorFrame frame, Runnable release) {}
