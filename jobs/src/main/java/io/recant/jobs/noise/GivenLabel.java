package io.recant.jobs.noise;

import java.io.Serializable;

/**
 * A sample's given class beside what models that never saw it predict.
 *
 * @param key names the sample; ties are broken by it
 * @param given index of the given class
 * @param p out-of-sample probabilities of the classes
 */
public record GivenLabel(long key, int given, double[] p) implements Serializable {}
