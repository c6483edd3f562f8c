package io.recant.ml.template;

import io.recant.ml.template.Token.Kind;
import java.util.List;

/** A template's tokens, read from the first to the last. */
final class Tokens {

  private final List<Token> tokens;
  private int at;

  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean isNext(Kind kind) {
    return peek().kind() == kind;
  }

  boolean isOperator(String operator) {
    return peek().is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return peek().is(Kind.NAME, name);
  }

  boolean isSecondName(String name) {
    return isSecond(Kind.NAME, name);
  }

  boolean isSecondOperator(String operator) {
    return isSecond(Kind.OPERATOR, operator);
  }

  private boolean isSecond(Kind kind, String value) {
    return at + 1 < tokens.size() && tokens.get(at + 1).is(kind, value);
  }

  boolean takeOperator(String operator) {
    return take(isOperator(operator));
  }

  boolean takeName(String name) {
    return take(isName(name));
  }

  private boolean take(boolean found) {
    if (found) {
      next();
    }
    return found;
  }

  String name() {
    if (!isNext(Kind.NAME)) {
      throw unexpected();
    }
    return next().value();
  }

  void expectOperator(String operator) {
    if (!takeOperator(operator)) {
      throw unexpected();
    }
  }

  void expectName(String name) {
    if (!takeName(name)) {
      throw unexpected();
    }
  }

  void expect(Kind kind) {
    if (!isNext(kind)) {
      throw unexpected();
    }
    next();
  }

  TemplateException unexpected() {
    return wrong("'" + peek().value() + "' is not expected or not supported here");
  }

  TemplateException wrong(String what) {
    return new TemplateException("line " + peek().line() + ": " + what);
  }
}
