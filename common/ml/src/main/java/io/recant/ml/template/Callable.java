package io.recant.ml.template;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a template may call. */
@FunctionalInterface
public interface Callable {

  /**
   * @param arguments by position
   * @param named by name
   */
  Object call(List<Object> arguments, Map<String, Object> named);

  /** One text in, something out. */
  static Callable ofText(Function<String, Object> function) {
    return (arguments, named) -> {
      if (arguments.size() == 1 && named.isEmpty() && arguments.get(0) instanceof String text) {
        return function.apply(text);
      }
      throw new TemplateException("a function of one text is called with " + arguments);
    };
  }
}
