package io.recant.ml.head;

import ai.djl.Device;
import io.recant.core.error.StepException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * K-fold cross-prediction: per fold, a head trained on the other folds, so that every row gets an
 * opinion from a head that never saw it.
 */
public final class OutOfFold {

  /**
   * One fold after one epoch.
   *
   * @param fold which
   * @param epoch counted from 0
   * @param heldOut the fold's own rows, which the head never saw
   * @param trained the rows it learns from
   * @param head to ask about either, during the call only
   */
  public record FoldEpoch(int fold, int epoch, int[] heldOut, int[] trained, Head head) {}

  /** Told after every epoch of every fold; by several threads at once, each with its own fold. */
  @FunctionalInterface
  public interface FoldListener {
    void epoch(FoldEpoch epoch);
  }

  private OutOfFold() {}

  /**
   * Trains one head per fold.
   *
   * @param fold each row's fold, from 0
   * @param neverTrained rows that are scored with their fold but never learned from (canaries)
   * @param threads how many folds are trained at once; engine threads come on top
   */
  public static void run(
      HeadData data,
      int[] fold,
      BitSet neverTrained,
      HeadTraining.Settings settings,
      long seed,
      Device device,
      int threads,
      FoldListener told) {
    int folds = Arrays.stream(fold).max().orElse(-1) + 1;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int k = 0; k < folds; k++) {
        int current = k;
        int[] heldOut = IntStream.range(0, fold.length).filter(i -> fold[i] == current).toArray();
        int[] trained =
            IntStream.range(0, fold.length)
                .filter(i -> fold[i] != current && !neverTrained.get(i))
                .toArray();
        running.add(
            pool.submit(
                () ->
                    HeadTraining.run(
                        data,
                        trained,
                        settings,
                        seed + current,
                        device,
                        (epoch, head) ->
                            told.epoch(new FoldEpoch(current, epoch, heldOut, trained, head)))));
      }
      running.forEach(OutOfFold::await);
    } finally {
      pool.shutdownNow();
    }
  }

  private static void await(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new StepException("training a fold failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StepException("training the folds was interrupted", e);
    }
  }
}
