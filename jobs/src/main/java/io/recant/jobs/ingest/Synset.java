package io.recant.jobs.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One line of a WordNet data file: a set of words for one meaning, and its definition. Format:
 * wndb(5WN), {@code offset lex_filenum ss_type w_cnt(hex) word lex_id ... | gloss}.
 *
 * @param offset the synset's byte offset, its name within its part of speech
 * @param lexicographerFile the name of the lexicographer file
 * @param words its words, spaces as people write them, the most usual first
 * @param definition the gloss up to the first example
 */
record Synset(String offset, String lexicographerFile, List<String> words, String definition) {

  private static final String FIRST_EXAMPLE = "; \"";
  private static final Pattern ADJECTIVE_POSITION = Pattern.compile("\\((a|p|ip)\\)$");

  /** Whether the line belongs to the licence at the head of the file. */
  static boolean isLicence(String line) {
    return line.startsWith("  ");
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException when it is not of the format; the message says what is wrong
   */
  static Synset parse(String line) {
    int bar = line.indexOf(" | ");
    if (bar < 0) {
      throw new IllegalArgumentException("no gloss: ' | ' is missing");
    }
    String[] fields = line.substring(0, bar).split(" ");
    if (fields.length < 6) {
      throw new IllegalArgumentException(fields.length + " fields before the gloss, not six");
    }
    int file = number(fields[1], 10, "lexicographer file");
    int count = number(fields[3], 16, "word count");
    if (file >= LexicographerFiles.NAMES.size()) {
      throw new IllegalArgumentException("there is no lexicographer file " + file);
    }
    if (count < 1 || fields.length < 4 + 2 * count) {
      throw new IllegalArgumentException("the line ends before its " + count + " words do");
    }
    List<String> words = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      words.add(ADJECTIVE_POSITION.matcher(fields[4 + 2 * i]).replaceFirst("").replace('_', ' '));
    }
    return new Synset(
        fields[0],
        LexicographerFiles.NAMES.get(file),
        List.copyOf(words),
        definition(line.substring(bar + 3)));
  }

  private static int number(String text, int radix, String what) {
    try {
      return Integer.parseUnsignedInt(text, radix);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " '" + text + "' is not a number", e);
    }
  }

  private static String definition(String gloss) {
    int example = gloss.indexOf(FIRST_EXAMPLE);
    return (example < 0 ? gloss : gloss.substring(0, example)).strip();
  }
}
