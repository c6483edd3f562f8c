package io.recant.spark.grid;

import java.io.Serializable;

/**
 * One independent piece of long work: a training, an unlearning, a scoring.
 *
 * @param id unique in its grid, fit for a file name
 * @param cost an estimate of how long it takes, in any unit: longer cells start first
 * @param spec everything the cell is made from; a saved result is used again only when this is the
 *     same, secrets aside; what it names {@code corpus}, {@code model}, {@code method} and {@code
 *     seed} stands in the cell's log events
 */
public record Cell<T extends Serializable>(String id, double cost, T spec)
    implements Serializable {}
