package io.recant.jobs.page;

import io.recant.core.error.StepException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts the page together: one HTML file that holds its style, its scripts, its charts' library and
 * its data, and asks the network for nothing.
 *
 * <p>The texts it shows come out of a corpus and are hostile until shown otherwise. Three things
 * each suffice to keep them from becoming markup: the data is JSON that cannot end its element
 * ({@link EmbeddedJson}); the scripts put it on the page as text only, but for the addresses of
 * pictures; and the page's content security policy lets exactly the scripts written here run, by
 * their hash, and nothing load but pictures that the page itself holds.
 *
 * <p>The pictures are a corpus' too. Its files never reach the page: what can be decoded is encoded
 * anew by who puts it into the data, and the scripts give an element no address that does not begin
 * like a PNG in the page, so a text in a picture's place is neither asked for nor drawn.
 */
public final class HtmlPage {

  private static final String ECHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

  /** What every page begins with. */
  private static final List<String> SHARED = List.of("dom.js", "charts.js", "page.js");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

  private HtmlPage() {}

  /**
   * A page.
   *
   * @param title what the browser calls it
   * @param data what it shows, as {@link EmbeddedJson} writes it
   * @param owner the class beside which its scripts lie
   * @param scripts what shows it, beside what all pages share, in the order they build on each
   *     other
   * @param show the function of these that begins
   * @return the page, in UTF-8 when written
   */
  public static String of(
      String title, Object data, Class<?> owner, List<String> scripts, String show) {
    String echarts = script(resource(ECHARTS));
    String report =
        script(
            Stream.concat(
                        SHARED.stream().map(HtmlPage::resource),
                        scripts.stream().map(name -> resource(owner, name)))
                    .collect(Collectors.joining("\n"))
                + "\n"
                + show
                + "();\n");
    return fill(
        resource("index.html"),
        Map.of(
            "title",
            html(title),
            "script_hashes",
            hash(echarts) + " " + hash(report),
            "style",
            resource("page.css"),
            "data",
            EmbeddedJson.of(data),
            "echarts",
            echarts,
            "report",
            report));
  }

  /**
   * The template with every <code>{{name}}</code> replaced, in one pass: what a value contains is
   * never read as a placeholder.
   */
  static String fill(String template, Map<String, String> values) {
    Matcher matcher = PLACEHOLDER.matcher(template);
    StringBuilder page = new StringBuilder();
    while (matcher.find()) {
      String value = values.get(matcher.group(1));
      if (value == null) {
        throw new IllegalStateException("the template asks for " + matcher.group());
      }
      matcher.appendReplacement(page, Matcher.quoteReplacement(value));
    }
    return matcher.appendTail(page).toString();
  }

  /** Text as HTML text or a double-quoted attribute. */
  static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** A script as it may stand between tags, with the line ends a parser makes of it. */
  private static String script(String source) {
    String lower = source.toLowerCase(Locale.ROOT);
    if (lower.contains("</script") || lower.contains("<!--")) {
      throw new IllegalStateException("a script of the page would end its own element");
    }
    return source.replace("\r\n", "\n").replace('\r', '\n');
  }

  /** The script as a content security policy names it. */
  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String resource(String name) {
    return resource(HtmlPage.class, name);
  }

  private static String resource(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new StepException(
            "a page needs " + name + " and it is not on the class path; rebuild the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
