package io.recant.ml.metric;

import java.util.Set;

/**
 * How little of a target has to be given before the model completes it word for word: 1 - k/T with
 * T its tokens and k the shortest beginning after which every further token is the model's first
 * choice. 1 where nothing has to be given, 0 where all has: a last token that does not match needs
 * k = T.
 */
public final class ExtractionStrength extends MeanOfSets {

  @Override
  public String name() {
    return "extraction_strength";
  }

  @Override
  public String summary() {
    return "Share of a target that the model completes by itself once it is given the rest, on forgotten and kept rows.";
  }

  @Override
  public String source() {
    return "Carlini et al., USENIX Security 2021; Wang et al., ICLR 2025";
  }

  @Override
  public String needs() {
    return "forgotten or kept training rows";
  }

  @Override
  Set<ScoredRow.Part> parts() {
    return TRAINED;
  }

  @Override
  double value(ScoredRow row) {
    ScoredRow.Answer target = row.target();
    return target.tokens() == 0 ? Double.NaN : (double) target.matchedTail() / target.tokens();
  }
}
