package io.recant.jobs.ingest;

import java.util.ArrayList;
import java.util.List;

/**
 * The data files of WordNet 3.1 (Fellbaum 1998; format: wndb(5WN)). A line is one synset: {@code
 * offset lex_filenum ss_type w_cnt word lex_id [word lex_id ...] p_cnt [pointers] | gloss}.
 */
final class WordNet {

  /** Where the data files stand on the class path. */
  static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/";

  /** The parts of speech, as data files are named. */
  static final List<String> PARTS = List.of("noun", "verb", "adj", "adv");

  /** The lexicographer files by number (lexnames(5WN)): the classes of the supersense corpus. */
  static final List<String> CLASSES =
      List.of(
          "adj.all",
          "adj.pert",
          "adv.all",
          "noun.Tops",
          "noun.act",
          "noun.animal",
          "noun.artifact",
          "noun.attribute",
          "noun.body",
          "noun.cognition",
          "noun.communication",
          "noun.event",
          "noun.feeling",
          "noun.food",
          "noun.group",
          "noun.location",
          "noun.motive",
          "noun.object",
          "noun.person",
          "noun.phenomenon",
          "noun.plant",
          "noun.possession",
          "noun.process",
          "noun.quantity",
          "noun.relation",
          "noun.shape",
          "noun.state",
          "noun.substance",
          "noun.time",
          "verb.body",
          "verb.change",
          "verb.cognition",
          "verb.communication",
          "verb.competition",
          "verb.consumption",
          "verb.contact",
          "verb.creation",
          "verb.emotion",
          "verb.motion",
          "verb.perception",
          "verb.possession",
          "verb.social",
          "verb.stative",
          "verb.weather",
          "adj.ppl");

  private WordNet() {}

  /**
   * One synset.
   *
   * @param offset its place in the data file: with the part of speech, its name
   * @param className its lexicographer file
   * @param lemmas its words, spaces for underscores
   * @param definition the gloss up to the first example
   */
  record Synset(String offset, String className, List<String> lemmas, String definition) {}

  /** Whether a line is part of the licence at the head of every file. */
  static boolean isLicence(String line) {
    return line.startsWith("  ");
  }

  /**
   * Parses a line.
   *
   * @throws IllegalArgumentException when it is not a synset; the message says why
   */
  static Synset parse(String line) {
    int bar = line.indexOf('|');
    if (bar < 0) {
      throw new IllegalArgumentException("no gloss: there is no '|'");
    }
    String[] fields = line.substring(0, bar).split(" ");
    if (fields.length < 6) {
      throw new IllegalArgumentException("only " + fields.length + " fields before the gloss");
    }
    int file = Integer.parseInt(fields[1]);
    if (file >= CLASSES.size()) {
      throw new IllegalArgumentException("there is no lexicographer file " + file);
    }
    int words = Integer.parseInt(fields[3], 16);
    List<String> lemmas = new ArrayList<>();
    for (int i = 0; i < words; i++) {
      // Adjectives may carry a syntactic marker, as in galore(ip).
      lemmas.add(fields[4 + 2 * i].replace('_', ' ').replaceAll("\\((a|p|ip)\\)$", ""));
    }
    return new Synset(fields[0], CLASSES.get(file), lemmas, definition(line.substring(bar + 1)));
  }

  private static String definition(String gloss) {
    int example = gloss.indexOf("; \"");
    return (example < 0 ? gloss : gloss.substring(0, example)).strip();
  }
}
