package io.recant.core.registry;

/**
 * Something a configuration can name: a source, an injector, a detector, an unlearning method, a
 * metric, a step. One class with a public no-argument constructor, listed in {@code
 * META-INF/services} under its kind's interface; it keeps no state, everything it needs comes with
 * a call.
 *
 * @param <S> the settings record, every component annotated with {@link
 *     io.recant.core.config.Setting}
 */
public interface Extension<S extends Record> {

  /** The name configurations use: lower case, words joined by {@code -}. */
  String name();

  /** One sentence for {@code recant list}: what it does and when to use it. */
  String summary();

  /**
   * Where the method comes from (authors, year, venue), or the empty string when it is plumbing.
   */
  String source();

  /** The record that holds this extension's settings, with their defaults. */
  Class<S> settings();
}
