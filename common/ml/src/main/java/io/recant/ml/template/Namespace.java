package io.recant.ml.template;

import java.util.HashMap;
import java.util.Map;

/** Variables that loops may change for those outside: {@code namespace(a=1)}. */
record Namespace(Map<String, Object> values) {

  static final Callable MAKE =
      (arguments, named) -> {
        if (!arguments.isEmpty()) {
          throw new TemplateException("namespace() is supported with named values only");
        }
        return new Namespace(new HashMap<>(named));
      };
}
