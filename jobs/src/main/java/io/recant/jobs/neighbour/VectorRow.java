package io.recant.jobs.neighbour;

import java.io.Serializable;

/**
 * A row with the vector that came with it.
 *
 * @param key a hash of its id, another one for every row
 * @param label its class, or -1
 */
public record VectorRow(long key, int label, float[] vector) implements Serializable {}
