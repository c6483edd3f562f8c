package io.recant.ml.template;

import java.util.List;

/** What does something, mostly print. */
@FunctionalInterface
interface Statement {

  /** How a loop goes on after a statement. */
  enum Next {
    GO_ON,
    CONTINUE,
    BREAK
  }

  Next run(Scope scope);

  /** One after another, until one leaves the loop they are in. */
  static Statement all(List<Statement> statements) {
    return scope -> {
      for (Statement statement : statements) {
        scope.output().step();
        Next next = statement.run(scope);
        if (next != Next.GO_ON) {
          return next;
        }
      }
      return Next.GO_ON;
    };
  }
}
