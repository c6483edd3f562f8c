package io.recant.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one component of a configuration record: what it means, its default, the values it may
 * take. {@code recant list} prints exactly this, so there is no second place to keep it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

  /** Marks a setting without a default. */
  String REQUIRED = "\0required";

  /** What the setting means, with its unit. */
  String value();

  /**
   * The default as YAML ({@code "15"}, {@code "[a, b]"}, {@code "{}"}); {@code "null"} only for
   * {@code Optional}.
   */
  String defaultValue() default REQUIRED;

  /** The smallest value allowed, for numbers. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest value allowed, for numbers. */
  double max() default Double.POSITIVE_INFINITY;
}
