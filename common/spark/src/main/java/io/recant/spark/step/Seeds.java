package io.recant.spark.step;

import io.recant.core.manifest.Json;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Independent seeds from one: a draw added in one place does not shift the draws of another. */
public final class Seeds {

  private Seeds() {}

  /** The seed for a purpose ("inject/swapped-target/definitions"), from the run's. */
  public static long derive(long seed, String purpose) {
    byte[] digest = HexFormat.of().parseHex(Json.sha256(seed + "/" + purpose));
    return ByteBuffer.wrap(digest).getLong();
  }
}
