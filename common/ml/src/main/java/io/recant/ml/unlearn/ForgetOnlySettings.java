package io.recant.ml.unlearn;

/** Of methods that do not read the retain set. */
interface ForgetOnlySettings extends ForgetRetainSettings {

  @Override
  default double gamma() {
    return 1;
  }

  @Override
  default double alpha() {
    return 0;
  }

  @Override
  default RetainTerm retainTerm() {
    return RetainTerm.LIKELIHOOD;
  }
}
