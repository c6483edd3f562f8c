package io.recant.core.error;

/**
 * Wrong use or configuration: the message names the key and, where there is one, the nearest valid
 * one.
 */
public final class ConfigException extends RecantException {

  public ConfigException(String message) {
    this(message, null);
  }

  public ConfigException(String message, Throwable cause) {
    super(ExitCode.USAGE, message, cause);
  }
}
