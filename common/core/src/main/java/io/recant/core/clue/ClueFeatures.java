package io.recant.core.clue;

import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What may tell rows like the known bad ones from the rest, as numbers:
 *
 * <ul>
 *   <li>the vector less the mean of the rows given the same class, along its principal components:
 *       a trigger moves rows of a class in one direction;
 *   <li>the given class against out-of-sample probabilities: log p of it, how far the likeliest
 *       other class is above;
 *   <li>whether learning the row moves a model where learning known rows does ({@link
 *       GradientDirection});
 *   <li>the given classes that are frequent among the known rows, and the pairs of given and
 *       likeliest other class: classes that were confused;
 *   <li>the words that are far more frequent among the known rows than elsewhere.
 * </ul>
 *
 * <p>Fitted to rows of which the one asked about is none.
 */
public final class ClueFeatures implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int MOST_PAIRS = 20;
  private static final int MOST_WORDS = 16;

  /** In a pair: whatever the likeliest other class is. */
  private static final int ANY = -1;

  /** A pair or word is a pattern only where it is seen in so many known rows, and this share. */
  private static final double LEAST_KNOWN = 3;

  private static final double LEAST_SHARE = 0.03;

  /** A word is a pattern where it is so many times as frequent among the known rows. */
  private static final double LEAST_LIFT = 3;

  private final VectorSpace space;

  /** Null where it does not count. */
  private final GradientDirection gradients;

  private final List<int[]> pairs;
  private final List<String> words;

  private ClueFeatures(
      VectorSpace space, GradientDirection gradients, List<int[]> pairs, List<String> words) {
    this.space = space;
    this.gradients = gradients;
    this.pairs = pairs;
    this.words = words;
  }

  /**
   * Features that tell much in some corpora and lead away in others.
   *
   * @param rivals whether the likeliest other class makes a pair of its own. Where classes were
   *     confused that says most. What a trigger was put on is of every class: then it makes good
   *     rows suspicious whose rival is one of a few known rows, more in every round
   * @param gradients whether the {@link GradientDirection} counts
   */
  record Choice(boolean rivals, boolean gradients) {}

  /** A part of the features that is explained as one. */
  public enum Kind {
    /** Where the vector lies. */
    VECTOR,
    /** The given class against probabilities. */
    LABEL,
    /** Where the gradient of its loss points. */
    GRADIENT,
    /** Two classes that were confused. */
    PAIR,
    /** A word. */
    WORD
  }

  /**
   * Chooses pairs and words, and finds where gradients point.
   *
   * @param space of the rows' vectors
   * @param places of the rows in it
   * @param bad how likely each row is one like the known ones, in [0, 1]; 1 for a known one
   * @param choice which features there are beside those that always are
   */
  static ClueFeatures of(
      VectorSpace space, List<ClueRow> rows, List<double[]> places, double[] bad, Choice choice) {
    Map<List<Integer>, Double> pairs = new HashMap<>();
    Map<String, double[]> words = new TreeMap<>();
    double allBad = 0;
    for (int i = 0; i < rows.size(); i++) {
      ClueRow row = rows.get(i);
      allBad += bad[i];
      if (row.given() >= 0) {
        pairs.merge(List.of(row.given(), ANY), bad[i], Double::sum);
      }
      if (choice.rivals() && row.rival() >= 0) {
        pairs.merge(List.of(row.given(), row.rival()), bad[i], Double::sum);
      }
      for (String word : row.words()) {
        double[] counts = words.computeIfAbsent(word, w -> new double[2]);
        counts[0] += bad[i];
        counts[1] += 1 - bad[i];
      }
    }
    double least = Math.max(LEAST_KNOWN, LEAST_SHARE * allBad);
    return new ClueFeatures(
        space,
        choice.gradients() ? GradientDirection.of(rows, places, bad, least) : null,
        frequent(pairs, least),
        telling(words, least, allBad, rows.size() - allBad));
  }

  private static List<int[]> frequent(Map<List<Integer>, Double> pairs, double least) {
    return pairs.entrySet().stream()
        .filter(pair -> pair.getValue() >= least)
        .sorted(
            Map.Entry.<List<Integer>, Double>comparingByValue()
                .reversed()
                .thenComparing(pair -> pair.getKey().get(0))
                .thenComparing(pair -> pair.getKey().get(1)))
        .limit(MOST_PAIRS)
        .map(pair -> new int[] {pair.getKey().get(0), pair.getKey().get(1)})
        .toList();
  }

  private static List<String> telling(
      Map<String, double[]> words, double least, double bad, double good) {
    record Word(String text, double lift, double count) {}
    return words.entrySet().stream()
        .filter(word -> word.getValue()[0] >= least)
        .map(
            word ->
                new Word(
                    word.getKey(),
                    (word.getValue()[0] / bad) / ((word.getValue()[1] + 1) / (good + 1)),
                    word.getValue()[0]))
        .filter(word -> word.lift() >= LEAST_LIFT)
        .sorted(
            Comparator.comparingDouble((Word word) -> -word.count() * Math.log(word.lift()))
                .thenComparing(Word::text))
        .limit(MOST_WORDS)
        .map(Word::text)
        .toList();
  }

  /**
   * The features of a row that they were fitted to, as if it had not been.
   *
   * @param along its place in the space of vectors
   * @param bad how likely it was one like the known ones
   */
  double[] without(ClueRow row, double[] along, double bad) {
    return of(row, along, gradients == null ? null : gradients.without(row, along, bad));
  }

  /** The same of a row that they were not fitted to; what the model is asked about is none. */
  double[] of(ClueRow row, double[] along) {
    return of(row, along, gradients == null ? null : gradients.of(row, along));
  }

  private double[] of(ClueRow row, double[] along, Double cosine) {
    double[] x = new double[size()];
    System.arraycopy(along, 0, x, 0, along.length);
    int at = space.size();
    int rival = row.rival();
    double lead = 0;
    if (rival >= 0) {
      lead = row.logP(rival) - row.logP(row.given());
      x[at] = row.logP(row.given());
      x[at + 1] = lead;
      x[at + 2] = Math.abs(lead);
      x[at + 3] = 1;
    }
    at += 4;
    if (cosine != null) {
      x[at++] = cosine;
    }
    for (int[] pair : pairs) {
      if (row.given() == pair[0] && (pair[1] == ANY || rival == pair[1])) {
        x[at] = 1;
        x[at + 1] = lead;
      }
      at += 2;
    }
    for (String word : words) {
      x[at++] = row.words().contains(word) ? 1 : 0;
    }
    return x;
  }

  /** How many features there are. */
  public int size() {
    return space.size() + 4 + cosines() + 2 * pairs.size() + words.size();
  }

  private int cosines() {
    return gradients == null ? 0 : 1;
  }

  /** What a feature is about. */
  public Kind kind(int feature) {
    if (feature < space.size()) {
      return Kind.VECTOR;
    }
    if (feature < space.size() + 4) {
      return Kind.LABEL;
    }
    if (feature < space.size() + 4 + cosines()) {
      return Kind.GRADIENT;
    }
    return feature < size() - words.size() ? Kind.PAIR : Kind.WORD;
  }

  /** The word that a feature of kind {@link Kind#WORD} is about. */
  public String word(int feature) {
    return words.get(feature - (size() - words.size()));
  }

  /** The words of a text in lower case, each once, of at most so many characters. */
  public static Set<String> words(String text, int most) {
    Set<String> words = new HashSet<>();
    String shown = text.length() > most ? text.substring(0, most) : text;
    for (String word : shown.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }
}
