package io.recant.jobs.ingest;

import java.io.Serializable;
import java.util.Locale;

/**
 * Why an input row is no sample.
 *
 * @param code the short name that quarantine is counted by
 * @param reason the reason in words
 */
public record Rejection(String code, String reason) implements Serializable {

  static final String MALFORMED = "malformed";
  static final String BROKEN_UTF8 = "broken_utf8";
  static final String TOO_LONG = "too_long";

  /** With the length of the row and the one that is allowed. */
  static final String TOO_LONG_REASON =
      "the row is longer than max_row_bytes: %d bytes, allowed are %d";

  static final String WRONG_TYPE = "wrong_type";
  static final String UNKNOWN_CLASS = "unknown_class";
  static final String WRONG_PROBABILITIES = "wrong_probabilities";
  static final String WRONG_SPANS = "wrong_spans";
  static final String WRONG_IMAGE = "wrong_image";
  static final String MISSING_IMAGE = "missing_image";
  static final String UNSAFE_NAME = "unsafe_name";
  static final String WRONG_EMBEDDING = "wrong_embedding";
  static final String DUPLICATE_ID = "duplicate_id";
  static final String DUPLICATE_ANNOTATION = "duplicate_annotation";
  static final String CONFLICTING_INPUT = "conflicting_input";

  /** A value the sample cannot do without is not there. */
  static Rejection missing(Role role, String column) {
    return new Rejection("missing_" + role.key(), "'" + column + "' has no value");
  }

  static Rejection tooLong(long bytes, int allowed) {
    return new Rejection(TOO_LONG, String.format(Locale.ROOT, TOO_LONG_REASON, bytes, allowed));
  }

  static Rejection brokenUtf8() {
    return new Rejection(BROKEN_UTF8, "the row is not UTF-8 text");
  }
}
