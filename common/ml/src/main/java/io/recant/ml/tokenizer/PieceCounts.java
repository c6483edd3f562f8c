package io.recant.ml.tokenizer;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often each piece of a vocabulary occurs in a stream of texts. Counts of parts merge into the
 * counts of the whole, in any order, so a corpus is counted wherever its parts lie. Bounded by the
 * vocabulary, not by the corpus.
 */
public final class PieceCounts implements Serializable {

  private static final long serialVersionUID = 1;

  private final TreeMap<String, Long> counts = new TreeMap<>();

  /** Counts the pieces one text is cut into. */
  public PieceCounts add(TextTokenizer tokenizer, String text) {
    for (String piece : tokenizer.pieces(text)) {
      counts.merge(piece, 1L, Long::sum);
    }
    return this;
  }

  /** Adds the counts of another part. */
  public PieceCounts merge(PieceCounts other) {
    other.counts.forEach((piece, count) -> counts.merge(piece, count, Long::sum));
    return this;
  }

  /** Counts of at least 1 by piece, ordered by piece. */
  public Map<String, Long> byPiece() {
    return Collections.unmodifiableMap(counts);
  }
}
