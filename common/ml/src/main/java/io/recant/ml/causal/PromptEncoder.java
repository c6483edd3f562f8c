package io.recant.ml.causal;

import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Lays a prompt and its target out as one sequence of tokens,
 *
 * <pre>  BOS prompt SEP target EOS</pre>
 *
 * with at most {@code maximumPositions} tokens. A prompt, with BOS and SEP, takes at most half of
 * them and keeps its end, which is what the target continues; a target that does not fit keeps its
 * beginning and gets no EOS, because it does not end there. What was cut off is counted, never
 * silent. SEP is the vocabulary's own {@code [SEP]}, or else a line break; there is no BOS where
 * the model knows none.
 */
public final class PromptEncoder {

  /**
   * One encoded pair.
   *
   * @param ids the tokens; at least one before {@code targetStart}
   * @param targetStart where the target's first token stands; the length where there is no target
   * @param promptCut prompt tokens that did not fit
   * @param targetCut target tokens that did not fit, EOS among them
   */
  public record Sequence(long[] ids, int targetStart, int promptCut, int targetCut) {

    /** Number of target tokens, EOS among them. */
    public int targetLength() {
      return ids.length - targetStart;
    }
  }

  private final TextTokenizer tokenizer;
  private final DecoderConfig config;
  private final long[] separator;

  /**
   * @param tokenizer not closed by this
   */
  public PromptEncoder(TextTokenizer tokenizer, DecoderConfig config) {
    this.tokenizer = tokenizer;
    this.config = config;
    OptionalInt own = tokenizer.id(WordPieceVocabulary.SEPARATOR);
    separator = own.isPresent() ? new long[] {own.getAsInt()} : tokenizer.encode("\n");
  }

  /** The prompt alone: what generation starts from. */
  public Sequence prompt(String prompt) {
    long[] pieces = tokenizer.encode(prompt);
    int opening = config.bosId() == DecoderConfig.NO_TOKEN ? 0 : 1;
    int room = Math.max(0, config.maximumPositions() / 2 - opening - separator.length);
    int kept = Math.min(pieces.length, room);
    long[] ids = new long[opening + kept + separator.length];
    if (opening > 0) {
      ids[0] = config.bosId();
    }
    System.arraycopy(pieces, pieces.length - kept, ids, opening, kept);
    System.arraycopy(separator, 0, ids, opening + kept, separator.length);
    return new Sequence(ids, ids.length, pieces.length - kept, 0);
  }

  /** The prompt and what should follow it. */
  public Sequence pair(String prompt, String target) {
    Sequence before = prompt(prompt);
    long[] pieces = tokenizer.encode(target);
    long[] whole = Arrays.copyOf(pieces, pieces.length + 1);
    whole[pieces.length] = config.eosId();
    int start = before.ids().length;
    int kept = Math.min(whole.length, config.maximumPositions() - start);
    long[] ids = Arrays.copyOf(before.ids(), start + kept);
    System.arraycopy(whole, 0, ids, start, kept);
    return new Sequence(ids, start, before.promptCut(), whole.length - kept);
  }
}
