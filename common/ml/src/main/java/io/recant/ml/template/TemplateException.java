package io.recant.ml.template;

/**
 * A template that cannot be read, asks for what is not supported here, or refuses its variables.
 */
public final class TemplateException extends RuntimeException {

  /**
   * @param message what is wrong, and where in the template
   */
  public TemplateException(String message) {
    super(message);
  }
}
