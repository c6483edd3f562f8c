package io.recant.ml.template;

import io.recant.ml.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What operators stand between: names and literals, with what is taken from them and done to them.
 */
final class OperandParser {

  private static final Set<String> KEYWORDS =
      Set.of("and", "or", "not", "in", "is", "if", "else", "elif");

  private final Tokens tokens;
  private final ExpressionParser expressions;

  OperandParser(Tokens tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** A value with its attributes, items, parts and calls. */
  Expression parse() {
    return postfix(primary());
  }

  private Expression primary() {
    Token token = tokens.next();
    switch (token.kind()) {
      case NAME -> {
        return named(token);
      }
      case STRING -> {
        StringBuilder text = new StringBuilder(token.value());
        while (tokens.isNext(Kind.STRING)) {
          text.append(tokens.next().value());
        }
        String whole = text.toString();
        return scope -> whole;
      }
      case INTEGER -> {
        Long number = integer(token);
        return scope -> number;
      }
      case FLOAT -> {
        Double number = Double.valueOf(token.value());
        return scope -> number;
      }
      default -> {
        return enclosed(token);
      }
    }
  }

  private Long integer(Token token) {
    if (token.value().length() > 15) {
      throw tokens.wrong("the number " + token.value() + " is not supported");
    }
    return Long.valueOf(token.value());
  }

  private Expression named(Token token) {
    String name = token.value();
    return switch (name) {
      case "true", "True" -> scope -> true;
      case "false", "False" -> scope -> false;
      case "none", "None" -> scope -> null;
      default -> {
        if (KEYWORDS.contains(name)) {
          throw tokens.wrong("'" + name + "' is not expected here");
        }
        yield scope -> scope.get(name);
      }
    };
  }

  private Expression enclosed(Token open) {
    if (open.is(Kind.OPERATOR, "[")) {
      return list(items("]"));
    }
    if (open.is(Kind.OPERATOR, "{")) {
      return mapping();
    }
    if (!open.is(Kind.OPERATOR, "(")) {
      throw tokens.wrong("'" + open.value() + "' is not expected here");
    }
    if (tokens.takeOperator(")")) {
      return list(List.of());
    }
    Expression first = expressions.parse();
    if (tokens.takeOperator(")")) {
      return first;
    }
    tokens.expectOperator(",");
    List<Expression> tuple = new ArrayList<>(List.of(first));
    tuple.addAll(items(")"));
    return list(tuple);
  }

  private static Expression list(List<Expression> items) {
    return scope -> {
      List<Object> values = new ArrayList<>();
      items.forEach(item -> values.add(item.value(scope)));
      return values;
    };
  }

  private List<Expression> items(String close) {
    List<Expression> items = new ArrayList<>();
    while (!tokens.takeOperator(close)) {
      items.add(expressions.parse());
      if (!tokens.isOperator(close)) {
        tokens.expectOperator(",");
      }
    }
    return items;
  }

  private Expression mapping() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.takeOperator("}")) {
      keys.add(expressions.parse());
      tokens.expectOperator(":");
      values.add(expressions.parse());
      if (!tokens.isOperator("}")) {
        tokens.expectOperator(",");
      }
    }
    return scope -> {
      Map<String, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        map.put(Values.string(keys.get(i).value(scope)), values.get(i).value(scope));
      }
      return map;
    };
  }

  /** What follows a value: attributes, items, parts and calls. */
  private Expression postfix(Expression value) {
    Expression of = value;
    while (true) {
      Expression before = of;
      if (tokens.takeOperator(".")) {
        String name = tokens.name();
        of = scope -> Attributes.dot(before.value(scope), name);
      } else if (tokens.takeOperator("[")) {
        of = subscript(before);
      } else if (tokens.takeOperator("(")) {
        Calls arguments = arguments();
        of = scope -> call(before.value(scope), arguments.in(scope, "a function"));
      } else {
        return of;
      }
    }
  }

  private static Object call(Object function, Arguments given) {
    if (function instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (function instanceof Callable callable) {
      return callable.call(given.values(), given.named());
    }
    throw new TemplateException(Values.kind(function) + " cannot be called");
  }

  private Expression subscript(Expression of) {
    Expression from = tokens.isOperator(":") ? null : expressions.parse();
    if (tokens.takeOperator("]")) {
      return scope -> Attributes.item(of.value(scope), from.value(scope));
    }
    tokens.expectOperator(":");
    Expression to = tokens.isOperator(":") || tokens.isOperator("]") ? null : expressions.parse();
    Expression step =
        tokens.takeOperator(":") && !tokens.isOperator("]") ? expressions.parse() : null;
    tokens.expectOperator("]");
    return scope ->
        Attributes.slice(of.value(scope), bound(from, scope), bound(to, scope), bound(step, scope));
  }

  private static Long bound(Expression bound, Scope scope) {
    Object value = bound == null ? null : bound.value(scope);
    return value == null ? null : (Long) Values.wholeNumber(value);
  }

  /** What follows a value and binds less tight: filters and tests. */
  Expression filtered(Expression value) {
    Expression of = value;
    while (true) {
      Expression before = of;
      if (tokens.takeOperator("|")) {
        String name = tokens.name();
        Calls given = tokens.takeOperator("(") ? arguments() : Calls.NOTHING;
        of =
            scope ->
                Filters.apply(name, before.value(scope), given.in(scope, "the filter " + name));
      } else if (tokens.takeName("is")) {
        of = test(before);
      } else if (tokens.isOperator("(")) {
        throw tokens.unexpected();
      } else {
        return of;
      }
    }
  }

  private Expression test(Expression of) {
    boolean wanted = !tokens.takeName("not");
    String name = tokens.name();
    Calls given = Calls.NOTHING;
    if (tokens.takeOperator("(")) {
      given = arguments();
    } else if (Tests.OF_TWO.contains(name)) {
      given = new Calls(List.of(parse()), Map.of());
    }
    if (tokens.isName("is")) {
      throw tokens.unexpected();
    }
    Calls arguments = given;
    return scope ->
        Tests.holds(name, of.value(scope), arguments.in(scope, "the test " + name)) == wanted;
  }

  /** What stands between the parentheses of a call. */
  private record Calls(List<Expression> values, Map<String, Expression> named) {

    static final Calls NOTHING = new Calls(List.of(), Map.of());

    Arguments in(Scope scope, String function) {
      List<Object> given = new ArrayList<>();
      values.forEach(value -> given.add(value.value(scope)));
      Map<String, Object> names = new LinkedHashMap<>();
      named.forEach((name, value) -> names.put(name, value.value(scope)));
      return new Arguments(function, given, names);
    }
  }

  private Calls arguments() {
    List<Expression> values = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!tokens.takeOperator(")")) {
      if (tokens.isNext(Kind.NAME) && tokens.isSecondOperator("=")) {
        String name = tokens.name();
        tokens.next();
        if (named.put(name, expressions.parse()) != null) {
          throw tokens.wrong(name + " is given twice");
        }
      } else if (named.isEmpty()) {
        values.add(expressions.parse());
      } else {
        throw tokens.unexpected();
      }
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    return new Calls(values, named);
  }
}
