package io.recant.jobs.ingest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names of samples: 32 hexadecimal digits, the first 16 bytes of a SHA-256 over length-prefixed
 * parts. A row with an own id is named by corpus and id; a row without by corpus and content, and
 * the second, third, ... row of the same content by its number besides. Where the file lies never
 * enters the name.
 */
final class SampleId {

  private static final int BYTES = 16;

  private SampleId() {}

  static String ofOwnId(String corpus, String id) {
    return hash("id", corpus, id);
  }

  /** The name by content; a null part is another content than an empty one. */
  static String ofContent(String corpus, String... parts) {
    String[] all = new String[parts.length + 2];
    all[0] = "content";
    all[1] = corpus;
    System.arraycopy(parts, 0, all, 2, parts.length);
    return hash(all);
  }

  private static String hash(String... parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part == null ? new byte[0] : part.getBytes(StandardCharsets.UTF_8);
      String length = (part == null ? "-" : Integer.toString(bytes.length)) + ":";
      digest.update(length.getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
