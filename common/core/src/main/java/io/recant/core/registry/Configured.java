package io.recant.core.registry;

/**
 * An extension and its settings. The settings are an instance of {@code extension.settings()};
 * {@link Registry#configure} is what makes sure of it.
 */
public record Configured<E extends Extension<?>>(E extension, Record settings) {

  /** The settings as the record the extension declares. */
  public <S extends Record> S settingsAs(Class<S> type) {
    return type.cast(settings);
  }

  /** The extension's name. */
  public String name() {
    return extension.name();
  }
}
