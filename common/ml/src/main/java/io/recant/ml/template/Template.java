package io.recant.ml.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A Jinja template, as far as chat templates use the language, with the whitespace control that
 * {@code transformers} sets for them.
 *
 * <p>Where a template would come out otherwise than with Jinja, or might, it is refused: printing a
 * list, a method that is missing here, a comparison that Python does not make. It has no access to
 * anything but its variables, and is bound in steps, depth and length, so it may come from
 * anywhere.
 */
public final class Template {

  private final Statement statement;

  private Template(Statement statement) {
    this.statement = statement;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException when it is none, or uses a statement that is not supported
   */
  public static Template parse(String source) {
    return bounded(() -> new Template(StatementParser.parse(Lexer.tokens(source))));
  }

  /**
   * Renders it.
   *
   * @param variables texts, {@link Long}s, {@link Boolean}s, nulls, lists and maps of these by
   *     text, and {@link Callable}s
   * @throws TemplateException when it computes what is not supported or not possible
   */
  public String render(Map<String, Object> variables) {
    return bounded(
        () -> {
          Map<String, Object> all = new HashMap<>(Map.of("namespace", Namespace.MAKE));
          all.put("range", (Callable) Template::range);
          all.putAll(variables);
          Output output = new Output();
          statement.run(new Scope(all, output));
          return output.toString();
        });
  }

  private static <T> T bounded(Supplier<T> work) {
    try {
      return work.get();
    } catch (StackOverflowError e) {
      throw new TemplateException("it is nested too deeply");
    }
  }

  private static Object range(List<Object> values, Map<String, Object> named) {
    Arguments given = new Arguments("range", values, named);
    given.atMost(2);
    boolean both = values.size() == 2;
    long from = both ? Values.wholeNumber(values.get(0)) : 0;
    long to = Values.wholeNumber(given.at(both ? 1 : 0, null));
    Values.checkLength(to - from);
    List<Object> numbers = new ArrayList<>();
    for (long i = from; i < to; i++) {
      numbers.add(i);
    }
    return numbers;
  }
}
