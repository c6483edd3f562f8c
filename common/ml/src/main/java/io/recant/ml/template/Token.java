package io.recant.ml.template;

/**
 * A piece of a template.
 *
 * @param value its text; of a string, what it stands for
 * @param line where it stands, from 1
 */
record Token(Kind kind, String value, int line) {

  enum Kind {
    /** Text outside of tags. */
    TEXT,
    /** What opens and closes an expression that is printed. */
    PRINT_BEGIN,
    PRINT_END,
    /** What opens and closes a statement. */
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind wanted, String text) {
    return kind == wanted && value.equals(text);
  }
}
