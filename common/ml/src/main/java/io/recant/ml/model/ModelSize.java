package io.recant.ml.model;

/**
 * What a model will take of memory, told without reading its weights.
 *
 * @param parameters how many numbers it learns
 * @param tokens length of the example that {@code exampleBytes} is about
 * @param exampleBytes about how many bytes a forward and a backward pass over one example hold, as
 *     {@link Model#passBytes}
 */
public record ModelSize(long parameters, int tokens, long exampleBytes) {}
