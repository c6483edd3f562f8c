package io.recant.jobs.detect;

import java.io.Serializable;

/**
 * A sample as the neighbour search sees it.
 *
 * @param key a hash of its id
 * @param label its class
 * @param vector of length 1
 */
record Point(long key, int label, float[] vector) implements Serializable {}
