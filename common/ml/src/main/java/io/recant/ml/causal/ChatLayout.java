package io.recant.ml.causal;

import io.recant.ml.data.Span;
import io.recant.ml.template.TemplateException;
import io.recant.ml.tokenizer.TextTokenizer;
import java.util.List;

/**
 * Prompts as a chat template frames them. Where one is too long, the oldest turns before it go,
 * then the beginning of its own text; never a part of the frame.
 */
final class ChatLayout {

  private static final ChatTemplate.Turn MARKED = new ChatTemplate.Turn("question", "the-answer");

  /**
   * What stands before an answer.
   *
   * @param text the rendered template
   * @param ids its tokens
   * @param cut tokens of what was left out
   */
  record Before(String text, long[] ids, int cut) {}

  private final ChatTemplate template;
  private final TextTokenizer tokenizer;
  private final int positions;
  private final List<ChatTemplate.Turn> turns;
  private final String lead;
  private final int endId;

  /**
   * @param turns what stands before every prompt
   */
  ChatLayout(
      ChatTemplate template,
      TextTokenizer tokenizer,
      DecoderConfig config,
      List<ChatTemplate.Turn> turns) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.turns = turns;
    positions = config.maximumPositions();
    String asked = template.beforeAnswer(List.of(), MARKED.question());
    String answered = template.whole(List.of(MARKED));
    int answer = answered.lastIndexOf(MARKED.answer());
    boolean isPrefix = answered.startsWith(asked) && asked.length() <= answer;
    String between = isPrefix ? answered.substring(asked.length(), answer) : "";
    lead = between.isBlank() ? between : "";
    endId = answer < 0 ? config.eosId() : end(answered, answer, config);
  }

  private int end(String answered, int answer, DecoderConfig config) {
    String rest = answered.substring(answer + MARKED.answer().length()).stripLeading();
    String token = "";
    for (String special : tokenizer.specialTokens()) {
      if (rest.startsWith(special) && special.length() > token.length()) {
        token = special;
      }
    }
    return tokenizer.id(token).orElse(config.eosId());
  }

  /** The blanks that the template has between the frame and an answer; mostly none. */
  String lead() {
    return lead;
  }

  /** The special token that closes an answer, or else the model's own EOS. */
  int endId() {
    return endId;
  }

  /**
   * Frames a prompt, in at most half of the model's positions unless the frame alone takes more.
   */
  Before before(String prompt) {
    Before whole = framed(turns, prompt);
    int room = positions / 2;
    Before kept = whole;
    for (int first = 1; kept.ids().length > room && first <= turns.size(); first++) {
      kept = framed(turns.subList(first, turns.size()), prompt);
    }
    if (kept.ids().length > room) {
      kept = cutText(prompt, kept, room);
    }
    if (kept.ids().length == 0 || kept.ids().length >= positions) {
      throw template.wrong(
          new TemplateException(
              "around an empty prompt it takes %d tokens, the model has %d positions"
                  .formatted(kept.ids().length, positions)));
    }
    return new Before(kept.text(), kept.ids(), whole.ids().length - kept.ids().length);
  }

  private Before cutText(String prompt, Before tooLong, int room) {
    Span[] places = tokenizer.places(prompt);
    Before kept = tooLong;
    int dropped = 0;
    while (kept.ids().length > room && dropped < places.length) {
      dropped = Math.min(places.length, dropped + kept.ids().length - room);
      int from =
          dropped == places.length
              ? prompt.length()
              : prompt.offsetByCodePoints(0, places[dropped].from());
      kept = framed(List.of(), prompt.substring(from));
    }
    return kept;
  }

  private Before framed(List<ChatTemplate.Turn> before, String prompt) {
    String text = template.beforeAnswer(before, prompt);
    return new Before(text, tokenizer.encode(text), 0);
  }
}
