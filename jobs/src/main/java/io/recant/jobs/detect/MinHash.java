package io.recant.jobs.detect;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Signatures by which similar texts are found without comparing all pairs.
 *
 * <p>A text is the set of its character shingles. Of two texts the smallest values of a random hash
 * function are equal with a probability that is the Jaccard similarity of their sets (Broder: On
 * the resemblance and containment of documents, 1997). A signature is cut into b bands of r such
 * values; texts that agree in a whole band are compared. Texts of similarity s share a band with
 * probability
 *
 * <pre>P(s) = 1 - (1 - s^r)^b</pre>
 *
 * <p>(Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4).
 *
 * @param shingle characters of a shingle
 * @param bands b
 * @param rows r
 */
record MinHash(int shingle, int bands, int rows, long[] factors, long[] offsets)
    implements Serializable {

  /** The share of pairs just at the threshold that should share a band. */
  private static final double RECALL = 0.98;

  /**
   * The most selective bands that still find pairs at a threshold: the largest r for which P is at
   * least 0.98 there, with as many bands as the hash functions allow.
   *
   * @param threshold Jaccard similarity, in (0, 1)
   * @param functions hash functions to spend
   * @param seed of the functions
   */
  static MinHash of(double threshold, int shingle, int functions, long seed) {
    int rows = 1;
    while (rows < functions && shared(threshold, functions / (rows + 1), rows + 1) >= RECALL) {
      rows++;
    }
    int bands = functions / rows;
    SplittableRandom random = new SplittableRandom(seed);
    long[] factors = random.longs((long) bands * rows).map(x -> x | 1).toArray();
    return new MinHash(shingle, bands, rows, factors, random.longs((long) bands * rows).toArray());
  }

  private static double shared(double similarity, int bands, int rows) {
    return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
  }

  /** The probability that two texts of a similarity share a band. */
  double shared(double similarity) {
    return shared(similarity, bands, rows);
  }

  /** Hashes of the different shingles of a text, ascending; a shorter text is its only shingle. */
  int[] shingles(String text) {
    int count = Math.max(1, text.length() - shingle + 1);
    int[] hashes = new int[count];
    byte[] window = new byte[2 * Math.min(shingle, text.length())];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < window.length / 2; j++) {
        char c = text.charAt(i + j);
        window[2 * j] = (byte) c;
        window[2 * j + 1] = (byte) (c >>> 8);
      }
      hashes[i] = MurmurHash3.hash32x86(window);
    }
    return Arrays.stream(hashes).sorted().distinct().toArray();
  }

  /** One number per band: texts that agree in a band have its number in common. */
  long[] buckets(String text) {
    int[] shingles = shingles(text);
    long[] buckets = new long[bands];
    for (int band = 0; band < bands; band++) {
      long bucket = band;
      for (int row = band * rows; row < (band + 1) * rows; row++) {
        bucket = mixed(bucket ^ smallest(shingles, factors[row], offsets[row]));
      }
      buckets[band] = bucket;
    }
    return buckets;
  }

  /** Multiply-shift hashing: the upper half of a x + b modulo 2^64, with an odd a. */
  private static long smallest(int[] shingles, long factor, long offset) {
    long least = Long.MAX_VALUE;
    for (int shingle : shingles) {
      least = Math.min(least, (factor * (shingle & 0xffffffffL) + offset) >>> Integer.SIZE);
    }
    return least;
  }

  private static long mixed(long value) {
    long z = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    z = (z ^ z >>> 33) * 0xc4ceb9fe1a85ec53L;
    return z ^ z >>> 33;
  }

  /** Shared elements over all elements of two ascending sets, in [0, 1]. */
  static double jaccard(int[] a, int[] b) {
    int shared = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      if (a[i] == b[j]) {
        shared++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return (double) shared / Math.max(1, a.length + b.length - shared);
  }
}
