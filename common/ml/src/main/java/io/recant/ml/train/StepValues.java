package io.recant.ml.train;

import java.util.OptionalDouble;

/**
 * What one step computed, in numbers.
 *
 * @param loss what the step minimises
 * @param forgetLoss mean token loss of its forget examples
 * @param retainLoss mean token loss of its retain examples
 * @param tokens how many target tokens it saw
 */
record StepValues(
    double loss, OptionalDouble forgetLoss, OptionalDouble retainLoss, double tokens) {}
