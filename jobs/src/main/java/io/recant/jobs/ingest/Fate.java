package io.recant.jobs.ingest;

import java.util.Locale;

/** What became of a row that was read; every row has exactly one. */
enum Fate {
  /** It is a sample. */
  SAMPLE,
  /** It is a further annotator's answer to a sample. */
  MERGED,
  /** It could not become a sample. */
  QUARANTINED,
  /** It could have, and {@code limit} left it out. */
  NOT_DRAWN;

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Fate of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
