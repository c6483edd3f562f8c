package io.recant.core.registry;

/**
 * A kind of extension, as {@code recant list} shows it; a new kind is one class and one service
 * line.
 */
public interface Kind {

  /** How the command line calls it, in the plural ("detectors"). */
  String plural();

  /** The extensions of this kind. */
  Registry<? extends Extension<?>> registry();
}
