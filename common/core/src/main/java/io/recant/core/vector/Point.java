package io.recant.core.vector;

import java.io.Serializable;

/**
 * A row as the neighbour search sees it.
 *
 * @param key a hash of its id
 * @param label its class, or -1
 * @param vector its place in a {@link VectorFrame}
 * @param lift of the vector
 */
public record Point(long key, int label, float[] vector, float lift) implements Serializable {}
