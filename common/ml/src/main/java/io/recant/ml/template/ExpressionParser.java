package io.recant.ml.template;

import io.recant.ml.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Jinja's expressions, in its order of precedence. */
final class ExpressionParser {

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final Tokens tokens;
  private final OperandParser operands;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
    operands = new OperandParser(tokens, this);
  }

  /** {@code a if b else c}, and whatever binds tighter. */
  Expression parse() {
    Expression value = withoutCondition();
    while (tokens.takeName("if")) {
      Expression chosen = value;
      Expression condition = withoutCondition();
      Expression other =
          tokens.takeName("else") ? parse() : scope -> new Undefined("a missing else");
      value =
          scope -> Values.isTrue(condition.value(scope)) ? chosen.value(scope) : other.value(scope);
    }
    return value;
  }

  /** An expression that an {@code if} may follow that is not its own. */
  Expression withoutCondition() {
    Expression left = and();
    while (tokens.takeName("or")) {
      Expression first = left;
      Expression second = and();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.isTrue(value) ? value : second.value(scope);
          };
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.takeName("and")) {
      Expression first = left;
      Expression second = not();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.isTrue(value) ? second.value(scope) : value;
          };
    }
    return left;
  }

  private Expression not() {
    if (tokens.takeName("not")) {
      Expression value = not();
      return scope -> !Values.isTrue(value.value(scope));
    }
    return comparison();
  }

  private Expression comparison() {
    Expression left = sum();
    String operator = comparisonOperator();
    if (operator == null) {
      return left;
    }
    Expression right = sum();
    if (comparisonOperator() != null) {
      throw tokens.wrong("comparing more than two values at once is not supported");
    }
    return scope -> Values.compare(operator, left.value(scope), right.value(scope));
  }

  private String comparisonOperator() {
    if (tokens.isNext(Kind.OPERATOR) && COMPARISONS.contains(tokens.peek().value())) {
      return tokens.next().value();
    }
    if (tokens.takeName("in")) {
      return "in";
    }
    if (tokens.isName("not") && tokens.isSecondName("in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.isOperator("+") || tokens.isOperator("-")) {
      left = binary(tokens.next().value(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.takeOperator("~")) {
      parts.add(product());
    }
    return scope ->
        Values.joined(parts.stream().map(part -> Values.text(part.value(scope))).toList(), "");
  }

  private Expression product() {
    Expression left = unary(true);
    while (tokens.isOperator("*")
        || tokens.isOperator("/")
        || tokens.isOperator("//")
        || tokens.isOperator("%")
        || tokens.isOperator("**")) {
      left = binary(tokens.next().value(), left, unary(true));
    }
    return left;
  }

  private static Expression binary(String operator, Expression left, Expression right) {
    return scope -> Values.compute(operator, left.value(scope), right.value(scope));
  }

  private Expression unary(boolean filtered) {
    Expression value;
    if (tokens.takeOperator("-")) {
      Expression positive = unary(false);
      value = scope -> -Values.wholeNumber(positive.value(scope));
    } else if (tokens.takeOperator("+")) {
      Expression positive = unary(false);
      value = scope -> Values.wholeNumber(positive.value(scope));
    } else {
      value = operands.parse();
    }
    return filtered ? operands.filtered(value) : value;
  }
}
