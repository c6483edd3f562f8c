package io.recant.core.redact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Pattern;

/**
 * Takes secrets out of what leaves the program: manifests, logs, messages, printed configurations.
 *
 * <p>A secret is the value of a key that is named like one, and the password in a URI. The names
 * are those of Spark's {@code spark.redaction.regex} and of Hadoop's {@code
 * hadoop.security.sensitive-config-keys}, narrowed where they would hide what is none ({@code
 * answer_tokens}). A hash is taken of the redacted form: it tells nothing about the secret, and a
 * rotated one does not make a step another step.
 *
 * <p>Not for the rows of a corpus: they are the user's, and go through as they came.
 */
public final class Redaction {

  /** What stands where a secret stood. */
  public static final String MARK = "*****";

  // What is repeated is bounded everywhere: a message may hold a row of a corpus.
  private static final String SENSITIVE =
      "(?:passw(?:or)?d|passphrase|\\bpwd\\b|keystore\\.pass\\b|secret(?!ar|e|i|ly|or)"
          + "|(?:access|account|api|encryption|private|shared|signing)[._-]?key|credentials?\\b"
          + "|token(?!\\w)|signature\\b|\\bsig\\b)";

  private static final Pattern KEY = Pattern.compile(SENSITIVE, Pattern.CASE_INSENSITIVE);

  /** A password may hold a slash that nobody encoded; a number before a slash is a port. */
  private static final String PASSWORD =
      "(?:[^/?#\\s\"'<>]{1,1024}|(?!\\d+/)[^@\\s\"'<>]{1,1024})@";

  /** Where the web or S3 is spoken to, whoever is named before the host is all secret. */
  private static final Pattern WEB_USER =
      Pattern.compile(
          "\\b((?:https?|s?ftp|s3[an]?)://)(?:[^/?#\\s\"'<>]{1,1024}@|[^/?#@:\\s\"'<>]{0,255}:"
              + PASSWORD
              + ")",
          Pattern.CASE_INSENSITIVE);

  /** Elsewhere a name alone is a user or a container, and what follows its colon a password. */
  private static final Pattern OTHER_USER =
      Pattern.compile(
          "\\b([a-z][a-z0-9+.-]{0,31}://[^/?#@:\\s\"'<>]{0,255}:)" + PASSWORD,
          Pattern.CASE_INSENSITIVE);

  private static final Pattern PARAMETER =
      Pattern.compile(
          "([?&;][\\w.%-]{0,64}" + SENSITIVE + "[\\w.%-]{0,64}=)[^&;#\\s\"'<>]+",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern ASSIGNMENT =
      Pattern.compile(
          "("
              + SENSITIVE
              + "[\\w.-]{0,64}[\"']?\\s{0,8}[=:]\\s{0,8})(?!\\*{5})"
              + "(?:\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+){0,256}+\"?|'[^'\\n]*'?|[^\\s,;&\"'})\\]]+)",
          Pattern.CASE_INSENSITIVE);

  private Redaction() {}

  /** Whether the value of such a key is a secret. */
  public static boolean isSensitive(String key) {
    return KEY.matcher(key).find();
  }

  /** A text with the passwords of its URIs marked, and nothing else. */
  public static String uris(String text) {
    if (text.indexOf('@') < 0 && text.indexOf('=') < 0) {
      return text;
    }
    String unnamed = WEB_USER.matcher(text).replaceAll("$1" + MARK + "@");
    String open = OTHER_USER.matcher(unnamed).replaceAll("$1" + MARK + "@");
    return PARAMETER.matcher(open).replaceAll("$1" + MARK);
  }

  /** A message with its URIs redacted and every {@code key=value} or {@code key: value} as well. */
  public static String text(String message) {
    return ASSIGNMENT.matcher(uris(message)).replaceAll("$1" + MARK);
  }

  /** An error with its causes and where it was thrown, redacted as {@link #text} does. */
  public static String trace(Throwable error) {
    StringWriter trace = new StringWriter();
    error.printStackTrace(new PrintWriter(trace));
    return text(trace.toString().stripTrailing());
  }

  /** The value of a key as {@link #tree} has it. */
  public static JsonNode value(String key, JsonNode value) {
    return tree(value, isSensitive(key));
  }

  /**
   * A tree of the same shape: texts redacted as {@link #uris} does, values of sensitive keys
   * marked.
   */
  public static JsonNode tree(JsonNode tree) {
    return tree(tree, false);
  }

  private static JsonNode tree(JsonNode node, boolean secret) {
    if (node.isObject()) {
      ObjectNode redacted = JsonNodeFactory.instance.objectNode();
      node.properties()
          .forEach(
              e -> redacted.set(e.getKey(), tree(e.getValue(), secret || isSensitive(e.getKey()))));
      return redacted;
    }
    if (node.isArray()) {
      ArrayNode redacted = JsonNodeFactory.instance.arrayNode();
      node.forEach(element -> redacted.add(tree(element, secret)));
      return redacted;
    }
    if (secret && (node.isTextual() || node.isNumber())) {
      return JsonNodeFactory.instance.textNode(MARK);
    }
    return node.isTextual() ? JsonNodeFactory.instance.textNode(uris(node.textValue())) : node;
  }
}
