package io.recant.ml.template;

/** What has a value where it stands. */
@FunctionalInterface
interface Expression {

  Object value(Scope scope);
}
