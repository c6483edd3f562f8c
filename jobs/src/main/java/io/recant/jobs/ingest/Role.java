package io.recant.jobs.ingest;

import java.util.Locale;

/** What a column of the source is for. */
enum Role {
  ID,
  INPUT,
  TARGET,
  CONTEXT,
  ENTITY,
  SPLIT,
  IMAGE,
  STEPS,
  SPANS,
  ANNOTATOR,
  PROBABILITIES,
  EMBEDDING;

  /** The role as a configuration writes it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
