package io.recant.core.registry;

import io.recant.core.config.Nearest;
import io.recant.core.config.SettingsBinder;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import java.util.Collection;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Every extension of one kind, found on the class path by {@link ServiceLoader}, by name.
 *
 * @param <E> the kind's interface
 */
public final class Registry<E extends Extension<?>> {

  private final String kind;
  private final Map<String, E> byName = new TreeMap<>();

  private Registry(String kind, Iterable<? extends E> extensions) {
    this.kind = kind;
    for (E extension : extensions) {
      E other = byName.put(extension.name(), extension);
      if (other != null) {
        throw new IllegalStateException(
            "two "
                + kind
                + "s are named '"
                + extension.name()
                + "': "
                + other.getClass().getName()
                + " and "
                + extension.getClass().getName());
      }
    }
  }

  /**
   * Loads the registry of a kind.
   *
   * @param type the kind's interface, as listed in {@code META-INF/services}
   * @param kind its name in messages, in the singular ("detector")
   */
  @SuppressWarnings("unchecked")
  public static <E extends Extension<?>> Registry<E> load(Class<? super E> type, String kind) {
    return new Registry<>(kind, (Iterable<E>) ServiceLoader.load(type));
  }

  /** The extensions, ordered by name. */
  public Collection<E> all() {
    return byName.values();
  }

  /** The kind's name in the singular. */
  public String kind() {
    return kind;
  }

  /**
   * The extension of that name.
   *
   * @param where the configuration key that asks, for the message
   * @throws ConfigException when there is none; the message names the nearest
   */
  public E get(String name, String where) {
    E extension = byName.get(name);
    if (extension == null) {
      throw new ConfigException(
          where
              + ": there is no "
              + kind
              + " '"
              + name
              + "'"
              + Nearest.suggestion(name, byName.keySet()));
    }
    return extension;
  }

  /**
   * The extension a configuration names, with its settings bound.
   *
   * @throws ConfigException when the name, a key or a value is wrong
   */
  public Configured<E> configure(Strategy strategy, String where) {
    E extension = get(strategy.name(), where);
    Record settings = SettingsBinder.bind(strategy.settings(), extension.settings(), where);
    return new Configured<>(extension, settings);
  }
}
