package io.recant.ml.causal;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import io.recant.ml.template.Callable;
import io.recant.ml.template.Template;
import io.recant.ml.template.TemplateException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The text that a chat becomes, by the template that lies with a model; variables and functions are
 * those of {@code transformers}' {@code apply_chat_template}.
 *
 * <p>{@code strftime_now} says the same day at all times, 26 July 2024, so that the same run trains
 * on the same rows: it is what Llama 3's templates say where they are given no date.
 */
final class ChatTemplate {

  private static final String KEY = "chat_template";
  private static final String OTHER_TOKENS = "additional_special_tokens";
  private static final LocalDateTime TODAY = LocalDateTime.of(2024, 7, 26, 0, 0);
  private static final Map<Character, String> DATE_PATTERNS =
      Map.ofEntries(
          Map.entry('d', "dd"),
          Map.entry('m', "MM"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('y', "uu"),
          Map.entry('Y', "uuuu"),
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('H', "HH"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"));

  private final String where;
  private final Template template;
  private final Map<String, Object> variables = new HashMap<>();

  private ChatTemplate(String where, String source, CompanionFiles files) {
    this.where = where;
    try {
      template = Template.parse(source);
    } catch (TemplateException e) {
      throw wrong(e);
    }
    addSpecialTokens(files.json(CompanionFiles.SPECIAL_TOKENS));
    addSpecialTokens(files.json(CompanionFiles.TOKENIZER_CONFIG));
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put(
        "raise_exception",
        Callable.ofText(
            message -> {
              throw new TemplateException(message);
            }));
    variables.put("strftime_now", Callable.ofText(ChatTemplate::today));
  }

  /**
   * The template of a model, if it has one: {@code chat_template.jinja}, or else what {@code
   * tokenizer_config.json} has, a text or several by name, of which {@code default} is meant.
   *
   * @throws InputException when it cannot be read, or uses what is not supported here
   */
  static Optional<ChatTemplate> of(CompanionFiles files) {
    Optional<String> own = files.text(CompanionFiles.CHAT_TEMPLATE);
    if (own.isPresent()) {
      String where = files.where(CompanionFiles.CHAT_TEMPLATE);
      return Optional.of(new ChatTemplate(where, own.get(), files));
    }
    JsonNode given = files.json(CompanionFiles.TOKENIZER_CONFIG).path(KEY);
    String where = files.where(CompanionFiles.TOKENIZER_CONFIG) + ": " + KEY;
    if (given.isMissingNode() || given.isNull()) {
      return Optional.empty();
    }
    for (JsonNode named : given) {
      if (named.path("name").asText().equals("default")) {
        given = named.path("template");
      }
    }
    if (!given.isTextual()) {
      throw new InputException(where + " is neither a text nor a list with one named 'default'");
    }
    return Optional.of(new ChatTemplate(where, given.textValue(), files));
  }

  private void addSpecialTokens(JsonNode json) {
    for (var entry : json.properties()) {
      JsonNode text = text(entry.getValue());
      if (entry.getKey().endsWith("_token") && text.isTextual()) {
        variables.put(entry.getKey(), text.textValue());
      }
    }
    if (json.path(OTHER_TOKENS).isArray()) {
      List<Object> others = new ArrayList<>();
      json.path(OTHER_TOKENS).forEach(token -> others.add(text(token).asText()));
      variables.put(OTHER_TOKENS, others);
    }
  }

  /** A token is a text, or an object with the text as its content. */
  private static JsonNode text(JsonNode token) {
    return token.isObject() ? token.path("content") : token;
  }

  /**
   * The text that an answer continues.
   *
   * @param turns questions and answers that came before
   */
  String beforeAnswer(List<Turn> turns, String question) {
    List<Object> messages = messages(turns);
    messages.add(message("user", question));
    return render(messages, true);
  }

  /** The text of whole turns. */
  String whole(List<Turn> turns) {
    return render(messages(turns), false);
  }

  /** A question and its answer. */
  record Turn(String question, String answer) {}

  private static List<Object> messages(List<Turn> turns) {
    List<Object> messages = new ArrayList<>();
    for (Turn turn : turns) {
      messages.add(message("user", turn.question()));
      messages.add(message("assistant", turn.answer()));
    }
    return messages;
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  private String render(List<Object> messages, boolean asksForAnswer) {
    Map<String, Object> all = new HashMap<>(variables);
    all.put("messages", messages);
    all.put("add_generation_prompt", asksForAnswer);
    try {
      return template.render(all);
    } catch (TemplateException e) {
      throw wrong(e);
    }
  }

  /** What is wrong with it, and how to do without it. */
  InputException wrong(TemplateException reason) {
    return new InputException(
        where
            + ": the chat template cannot be used: "
            + reason.getMessage()
            + "; \""
            + PromptEncoder.SEPARATOR_KEY
            + "\": \"\\n\" in config.json has pairs laid out without it",
        reason);
  }

  private static String today(String format) {
    StringBuilder date = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      if (format.charAt(i) != '%') {
        date.append(format.charAt(i));
        continue;
      }
      i++;
      String pattern = i < format.length() ? DATE_PATTERNS.get(format.charAt(i)) : null;
      if (pattern == null) {
        throw new TemplateException("strftime_now('" + format + "') is not supported");
      }
      date.append(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(TODAY));
    }
    return date.toString();
  }
}
