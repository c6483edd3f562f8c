package io.recant.ml.template;

import io.recant.ml.template.Statement.Next;
import io.recant.ml.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Jinja's statements, those that chat templates use. */
final class StatementParser {

  private final Tokens tokens;
  private final ExpressionParser expressions;

  private StatementParser(Tokens tokens) {
    this.tokens = tokens;
    expressions = new ExpressionParser(tokens);
  }

  static Statement parse(List<Token> tokens) {
    return new StatementParser(new Tokens(tokens)).body(Set.of());
  }

  /**
   * Up to one of the words that end it, which is read; to the template's end where there is none.
   */
  private Statement body(Set<String> ends) {
    List<Statement> statements = new ArrayList<>();
    while (!tokens.isNext(Kind.END)) {
      Token token = tokens.next();
      if (token.kind() == Kind.TEXT) {
        statements.add(scope -> print(scope, token.value()));
      } else if (token.kind() == Kind.PRINT_BEGIN) {
        Expression value = expressions.parse();
        tokens.expect(Kind.PRINT_END);
        statements.add(scope -> print(scope, Values.text(value.value(scope))));
      } else if (tokens.isNext(Kind.NAME) && ends.contains(tokens.peek().value())) {
        return Statement.all(statements);
      } else {
        statements.add(statement());
      }
    }
    if (!ends.isEmpty()) {
      throw tokens.wrong("one of " + ends + " is missing");
    }
    return Statement.all(statements);
  }

  private static Next print(Scope scope, String text) {
    scope.output().append(text);
    return Next.GO_ON;
  }

  private Statement statement() {
    Token word = tokens.peek();
    String name = tokens.name();
    return switch (name) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> assignment();
      case "macro" -> macro();
      case "break" -> leave(Next.BREAK);
      case "continue" -> leave(Next.CONTINUE);
      // What transformers marks answers with; it prints what is inside.
      case "generation" -> {
        tokens.expect(Kind.BLOCK_END);
        Statement body = end(body(Set.of("endgeneration")), "endgeneration");
        yield scope -> body.run(scope);
      }
      default ->
          throw new TemplateException(
              "line " + word.line() + ": the statement " + name + " is not supported");
    };
  }

  private Statement leave(Next next) {
    tokens.expect(Kind.BLOCK_END);
    return scope -> next;
  }

  private Statement end(Statement body, String word) {
    tokens.expectName(word);
    tokens.expect(Kind.BLOCK_END);
    return body;
  }

  private Statement condition() {
    Expression condition = expressions.parse();
    tokens.expect(Kind.BLOCK_END);
    Statement then = body(Set.of("elif", "else", "endif"));
    Statement otherwise;
    if (tokens.takeName("elif")) {
      otherwise = condition();
    } else if (tokens.takeName("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = end(body(Set.of("endif")), "endif");
    } else {
      otherwise = end(scope -> Next.GO_ON, "endif");
    }
    return scope -> Values.isTrue(condition.value(scope)) ? then.run(scope) : otherwise.run(scope);
  }

  private Statement loop() {
    List<String> targets = targets();
    tokens.expectName("in");
    Expression items = expressions.withoutCondition();
    Expression filter = tokens.takeName("if") ? expressions.parse() : scope -> true;
    tokens.expect(Kind.BLOCK_END);
    Statement body = body(Set.of("else", "endfor"));
    Statement otherwise = scope -> Next.GO_ON;
    if (tokens.takeName("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = body(Set.of("endfor"));
    }
    return new Loop(targets, items, filter, body, end(otherwise, "endfor"));
  }

  private List<String> targets() {
    List<String> names = new ArrayList<>();
    boolean enclosed = tokens.takeOperator("(");
    do {
      names.add(tokens.name());
    } while (tokens.takeOperator(","));
    if (enclosed) {
      tokens.expectOperator(")");
    }
    return names;
  }

  /** Gives names their values: one its value, several the parts of it. */
  static void assign(List<String> names, Object value, Scope scope) {
    if (names.size() == 1) {
      scope.set(names.get(0), value);
      return;
    }
    List<Object> parts = Values.items(value);
    if (parts.size() != names.size()) {
      throw new TemplateException(parts.size() + " values for the names " + names);
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), parts.get(i));
    }
  }

  private Statement assignment() {
    List<String> names = targets();
    if (tokens.takeOperator(".")) {
      return attribute(names);
    }
    if (tokens.takeOperator("=")) {
      Expression value = value();
      tokens.expect(Kind.BLOCK_END);
      return scope -> {
        assign(names, value.value(scope), scope);
        return Next.GO_ON;
      };
    }
    tokens.expect(Kind.BLOCK_END);
    Statement body = end(body(Set.of("endset")), "endset");
    return scope -> {
      assign(List.of(String.join(",", names)), captured(body, scope.capturing()), scope);
      return Next.GO_ON;
    };
  }

  /** A value, or several with commas between them. */
  private Expression value() {
    Expression first = expressions.parse();
    if (!tokens.isOperator(",")) {
      return first;
    }
    List<Expression> values = new ArrayList<>(List.of(first));
    while (tokens.takeOperator(",")) {
      values.add(expressions.parse());
    }
    return scope -> {
      List<Object> all = new ArrayList<>();
      values.forEach(value -> all.add(value.value(scope)));
      return all;
    };
  }

  private Statement attribute(List<String> names) {
    String key = tokens.name();
    tokens.expectOperator("=");
    Expression value = value();
    tokens.expect(Kind.BLOCK_END);
    return scope -> {
      Object target = scope.get(names.get(0));
      if (names.size() > 1 || !(target instanceof Namespace)) {
        throw new TemplateException("only a namespace's attributes can be set: " + names);
      }
      ((Namespace) target).values().put(key, value.value(scope));
      return Next.GO_ON;
    };
  }

  private static String captured(Statement body, Scope inner) {
    body.run(inner);
    return inner.output().toString();
  }

  private Statement macro() {
    String name = tokens.name();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      String parameter = tokens.name();
      parameters.add(parameter);
      defaults.add(
          tokens.takeOperator("=") ? expressions.parse() : scope -> new Undefined(parameter));
      if (!tokens.isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    tokens.expect(Kind.BLOCK_END);
    Statement body = end(body(Set.of("endmacro")), "endmacro");
    return scope -> {
      scope.set(
          name,
          (Callable)
              (values, named) -> {
                Arguments given = new Arguments("the macro " + name, values, named);
                return called(given, parameters, defaults, body, scope);
              });
      return Next.GO_ON;
    };
  }

  private static String called(
      Arguments given,
      List<String> parameters,
      List<Expression> defaults,
      Statement body,
      Scope scope) {
    given.named(parameters.toArray(String[]::new));
    Scope inner = scope.capturing();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      boolean isGiven = i < given.values().size() || given.named().containsKey(parameter);
      inner.set(parameter, isGiven ? given.at(i, parameter, null) : defaults.get(i).value(inner));
    }
    return captured(body, inner);
  }
}
