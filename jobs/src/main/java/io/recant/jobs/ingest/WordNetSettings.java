package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/** Settings of {@link WordNetSource}. */
record WordNetSettings(
    @Setting(
            value =
                "What a row is. supersense: a definition and its class, the lexicographer file."
                    + " definitions: a word and its definition, each word once",
            defaultValue = "supersense")
        Form form,
    @Setting(value = "Parts of speech to take", defaultValue = "[noun, verb, adj, adv]")
        List<Pos> partsOfSpeech) {

  WordNetSettings {
    if (partsOfSpeech.isEmpty() || new HashSet<>(partsOfSpeech).size() < partsOfSpeech.size()) {
      throw new IllegalArgumentException("parts_of_speech: name each at most once, at least one");
    }
  }

  enum Form {
    SUPERSENSE,
    DEFINITIONS
  }

  enum Pos {
    NOUN,
    VERB,
    ADJ,
    ADV;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
