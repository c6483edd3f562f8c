package io.recant.ml.template;

import io.recant.ml.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with the whitespace that Jinja leaves where {@code trim_blocks} and
 * {@code lstrip_blocks} are on: a statement or comment takes the line break after it and the blanks
 * before it on its line, a minus at a tag takes all blank space on that side, a plus none.
 */
final class Lexer {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");
  private static final Pattern OPERATOR =
      Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,]");
  private static final Pattern STRING =
      Pattern.compile("'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"", Pattern.DOTALL);

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean startsLine = true;

  private Lexer(String source) {
    this.source = source;
  }

  /** The tokens, {@link Kind#END} last. */
  static List<Token> tokens(String template) {
    String text = template.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer = new Lexer(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    while (lexer.at < lexer.source.length()) {
      lexer.next();
    }
    lexer.add(Kind.END, "the end");
    return lexer.tokens;
  }

  private void next() {
    int tag = tag();
    if (tag < 0) {
      add(Kind.TEXT, source.substring(at));
      advance(source.length());
      return;
    }
    char kind = source.charAt(tag + 1);
    char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
    String text = source.substring(at, tag);
    if (sign == '-') {
      text = PythonText.strip(text, null, false, true);
    } else if (sign != '+' && kind != '{') {
      text = withoutIndent(text);
    }
    if (!text.isEmpty()) {
      add(Kind.TEXT, text);
    }
    advance(tag + (sign == '-' || sign == '+' ? 3 : 2));
    switch (kind) {
      case '#' -> comment();
      case '{' -> inside(Kind.PRINT_BEGIN, Kind.PRINT_END, "}}");
      default -> inside(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
    }
  }

  private int tag() {
    for (int i = at; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private String withoutIndent(String text) {
    int begin = text.lastIndexOf('\n') + 1;
    boolean blank = PythonText.strip(text.substring(begin), null, true, true).isEmpty();
    return blank && (begin > 0 || startsLine) ? text.substring(0, begin) : text;
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw wrong("a comment is not closed");
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    advance(end + 2);
    afterTag(sign, true);
  }

  /** What a closed tag takes of the text behind it. */
  private void afterTag(char sign, boolean takesLineBreak) {
    int end = at;
    if (sign == '-') {
      while (end < source.length() && PythonText.isSpace(source.charAt(end))) {
        end++;
      }
    } else if (takesLineBreak && sign != '+' && end < source.length()) {
      end += source.charAt(end) == '\n' ? 1 : 0;
    }
    startsLine = end > at && source.charAt(end - 1) == '\n';
    advance(end);
  }

  private void inside(Kind begin, Kind end, String close) {
    add(begin, "");
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
        advance(at + 1);
      }
      if (at >= source.length()) {
        throw wrong("a tag is not closed");
      }
      char sign = source.charAt(at);
      boolean signed = sign == '-' || (sign == '+' && end == Kind.BLOCK_END);
      if (open.isEmpty() && source.startsWith(close, at + (signed ? 1 : 0))) {
        add(end, close);
        advance(at + (signed ? 3 : 2));
        afterTag(signed ? sign : ' ', end == Kind.BLOCK_END);
        return;
      }
      piece(open);
    }
  }

  private void piece(Deque<Character> open) {
    if (match(NAME, Kind.NAME)) {
      return;
    }
    Matcher number = at(NUMBER);
    if (number.lookingAt()) {
      match(NUMBER, number.group(1) == null ? Kind.INTEGER : Kind.FLOAT);
      return;
    }
    Matcher string = at(STRING);
    if (string.lookingAt()) {
      String quoted = string.group();
      add(Kind.STRING, PythonText.unescape(quoted.substring(1, quoted.length() - 1)));
      advance(string.end());
      return;
    }
    if (!match(OPERATOR, Kind.OPERATOR)) {
      throw wrong("'" + source.charAt(at) + "' is not expected");
    }
    char operator = source.charAt(at - 1);
    if ("([{".indexOf(operator) >= 0) {
      open.push(operator);
    } else if (")]}".indexOf(operator) >= 0
        && (open.isEmpty() || "([{".indexOf(open.pop()) != ")]}".indexOf(operator))) {
      throw wrong("'" + operator + "' closes nothing");
    }
  }

  private boolean match(Pattern pattern, Kind kind) {
    Matcher matcher = at(pattern);
    if (!matcher.lookingAt()) {
      return false;
    }
    add(kind, matcher.group());
    advance(matcher.end());
    return true;
  }

  private Matcher at(Pattern pattern) {
    return pattern.matcher(source).region(at, source.length());
  }

  private void add(Kind kind, String value) {
    tokens.add(new Token(kind, value, line));
  }

  private void advance(int to) {
    for (; at < to; at++) {
      line += source.charAt(at) == '\n' ? 1 : 0;
    }
  }

  private TemplateException wrong(String what) {
    return new TemplateException("line " + line + ": " + what);
  }
}
