package io.recant.ml.causal;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import io.recant.ml.data.Span;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/**
 * Lays a prompt and its target out as one sequence of tokens,
 *
 * <pre>  BOS prompt SEP target EOS</pre>
 *
 * with at most {@code maximumPositions} tokens. A prompt, with BOS and SEP, takes at most half of
 * them and keeps its end, which is what the target continues; a target that does not fit keeps its
 * beginning and gets no EOS, because it does not end there. What was cut off is counted, never
 * silent. There is no BOS where the model knows none, unless nothing else stands first: then EOS.
 *
 * <p>SEP is what {@code config.json} has under {@value #SEPARATOR_KEY}, or else the vocabulary's
 * own {@code [SEP]}, or else a line break. Where the file has an empty one, prompt and target are
 * one text and are cut into tokens together: a token that reaches over the border is the target's.
 *
 * <p>Shots, pairs that the file has under {@value #SHOTS_KEY}, stand before every prompt, each as a
 * sequence of its own, {@code input SEP target EOS}, and count as a part of it.
 *
 * <p>Where a {@link ChatTemplate} lies with the model and {@code config.json} has no {@value
 * #SEPARATOR_KEY}, the template says what stands before a target ({@link ChatLayout}): the prompt
 * is what a user says, shots are earlier turns, and the target ends with the token that closes an
 * answer there. Prompt and target are then one text, too.
 */
public final class PromptEncoder {

  /** The key of {@code config.json} for the text between a prompt and its target. */
  static final String SEPARATOR_KEY = "prompt_separator";

  /** The key of {@code config.json} for the pairs that stand before every prompt. */
  static final String SHOTS_KEY = "prompt_shots";

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

  /** Whether prompt and target are one text, by the model's own word. */
  private final boolean joined;

  private final long[] shots;
  private final Optional<ChatLayout> chat;

  /**
   * @param tokenizer not closed by this
   * @param json the model's {@code config.json}
   * @param files what else lies with the model
   * @throws InputException when it has a chat template that cannot be used
   */
  PromptEncoder(
      TextTokenizer tokenizer, DecoderConfig config, JsonNode json, CompanionFiles files) {
    this.tokenizer = tokenizer;
    this.config = config;
    JsonNode given = json.path(SEPARATOR_KEY);
    separator = separator(tokenizer, given);
    joined = given.isTextual() && given.textValue().isEmpty();
    List<ChatTemplate.Turn> turns = new ArrayList<>();
    LongStream.Builder pieces = LongStream.builder();
    for (JsonNode shot : json.path(SHOTS_KEY)) {
      turns.add(new ChatTemplate.Turn(shot.path(0).asText(), shot.path(1).asText()));
      LongStream.of(tokenizer.encode(shot.path(0).asText())).forEach(pieces);
      LongStream.of(separator).forEach(pieces);
      LongStream.of(tokenizer.encode(shot.path(1).asText())).forEach(pieces);
      pieces.add(config.eosId());
    }
    shots = pieces.build().toArray();
    chat =
        (given.isTextual() ? Optional.<ChatTemplate>empty() : ChatTemplate.of(files))
            .map(template -> new ChatLayout(template, tokenizer, config, turns));
  }

  private static long[] separator(TextTokenizer tokenizer, JsonNode given) {
    if (given.isTextual()) {
      return tokenizer.encode(given.textValue());
    }
    OptionalInt own = tokenizer.id(WordPieceVocabulary.SEPARATOR);
    return own.isPresent() ? new long[] {own.getAsInt()} : tokenizer.encode("\n");
  }

  /** The prompt alone: what generation starts from. */
  public Sequence prompt(String prompt) {
    if (chat.isPresent()) {
      ChatLayout.Before before = chat.get().before(prompt);
      return new Sequence(before.ids(), before.ids().length, before.cut(), 0);
    }
    return prompt(tokenizer.encode(prompt));
  }

  /** The token that ends a target. */
  int endId() {
    return chat.map(ChatLayout::endId).orElse(config.eosId());
  }

  /** The prompt and the beginning of what follows it. */
  long[] begun(String prompt, String beginning) {
    if (chat.isPresent()) {
      return tokenizer.encode(chat.get().before(prompt).text() + chat.get().lead() + beginning);
    }
    return LongStream.concat(
            LongStream.of(prompt(prompt).ids()), LongStream.of(tokenizer.encode(beginning)))
        .toArray();
  }

  private Sequence prompt(long[] own) {
    long[] pieces = LongStream.concat(LongStream.of(shots), LongStream.of(own)).toArray();
    // Something has to stand before the first token that is predicted.
    boolean opens = config.bosId() != DecoderConfig.NO_TOKEN;
    boolean empty = pieces.length + separator.length == 0;
    int opening = opens || empty ? 1 : 0;
    int room = Math.max(0, config.maximumPositions() / 2 - opening - separator.length);
    int kept = Math.min(pieces.length, room);
    long[] ids = new long[opening + kept + separator.length];
    if (opening > 0) {
      ids[0] = opens ? config.bosId() : config.eosId();
    }
    System.arraycopy(pieces, pieces.length - kept, ids, opening, kept);
    System.arraycopy(separator, 0, ids, opening + kept, separator.length);
    return new Sequence(ids, ids.length, pieces.length - kept, 0);
  }

  /** The prompt and what should follow it. */
  public Sequence pair(String prompt, String target) {
    if (chat.isPresent()) {
      ChatLayout.Before before = chat.get().before(prompt);
      long[] both = tokenizer.encode(before.text() + chat.get().lead() + target);
      int border = border(before.ids(), both);
      return pair(
          new Sequence(Arrays.copyOf(both, border), border, before.cut(), 0),
          Arrays.copyOfRange(both, border, both.length));
    }
    if (!joined) {
      return pair(prompt(prompt), tokenizer.encode(target));
    }
    long[] both = tokenizer.encode(prompt + target);
    int border = border(tokenizer.encode(prompt), both);
    return pair(prompt(Arrays.copyOf(both, border)), Arrays.copyOfRange(both, border, both.length));
  }

  /** Which characters of the target each of its tokens stands for; none for what is before it. */
  Span[] places(String prompt, String target) {
    if (chat.isPresent()) {
      ChatLayout.Before before = chat.get().before(prompt);
      return places(before.ids(), before.text() + chat.get().lead(), target);
    }
    return joined ? places(tokenizer.encode(prompt), prompt, target) : tokenizer.places(target);
  }

  private Span[] places(long[] alone, String before, String target) {
    String both = before + target;
    int begin = before.codePointCount(0, before.length());
    return Arrays.stream(tokenizer.places(both))
        .skip(border(alone, tokenizer.encode(both)))
        .map(place -> new Span(Math.max(0, place.from() - begin), Math.max(0, place.to() - begin)))
        .toArray(Span[]::new);
  }

  /** The first token of a joined text that is not a token of the prompt alone. */
  private static int border(long[] alone, long[] both) {
    int border = Arrays.mismatch(alone, both);
    return border < 0 ? alone.length : border;
  }

  private Sequence pair(Sequence before, long[] pieces) {
    long[] whole = Arrays.copyOf(pieces, pieces.length + 1);
    whole[pieces.length] = endId();
    int start = before.ids().length;
    int kept = Math.min(whole.length, config.maximumPositions() - start);
    long[] ids = Arrays.copyOf(before.ids(), start + kept);
    System.arraycopy(whole, 0, ids, start, kept);
    return new Sequence(ids, start, before.promptCut(), whole.length - kept);
  }

  /**
   * The text of tokens that continue a prompt, without special tokens.
   *
   * @param ids the tokens of {@link #prompt} and those that continue it
   * @param start where the latter begin
   */
  String continuation(long[] ids, int start) {
    if (joined || chat.isPresent()) {
      // A tokenizer may drop the space before a text's first word, which here is not the first.
      String before = tokenizer.decode(Arrays.copyOf(ids, start));
      String whole = tokenizer.decode(ids);
      if (whole.startsWith(before)) {
        return whole.substring(before.length());
      }
    }
    return tokenizer.decode(Arrays.copyOfRange(ids, start, ids.length));
  }

  /** An answer from its first character, without the blanks a template has before that. */
  String withoutLead(String answer) {
    String lead = chat.map(ChatLayout::lead).orElse("");
    return answer.startsWith(lead) ? answer.substring(lead.length()) : answer;
  }
}
