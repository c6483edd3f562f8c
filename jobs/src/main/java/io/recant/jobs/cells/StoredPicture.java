package io.recant.jobs.cells;

import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;

/** Pictures as tables keep them: encoded, and checked when they were ingested. */
public final class StoredPicture {

  private StoredPicture() {}

  /** The pixels of a value of column {@code image}; null for null. */
  public static Image decode(byte[] encoded) {
    return encoded == null ? null : ImageDecoder.ofSamples().decode(encoded);
  }
}
