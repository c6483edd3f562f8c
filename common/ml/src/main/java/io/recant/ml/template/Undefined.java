package io.recant.ml.template;

/**
 * A variable that nobody has set: false, empty and printed as nothing, but an error to compute
 * with.
 *
 * @param name what was asked for
 */
record Undefined(String name) {

  TemplateException used() {
    return new TemplateException("'" + name + "' is undefined");
  }
}
