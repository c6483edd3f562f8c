package io.recant.spark.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.get_json_object;

import java.util.regex.Pattern;
import org.apache.spark.sql.Column;

/**
 * A key of column {@code meta}, where samples keep what their source said beside the columns that
 * have a role. Configurations write it {@code meta.KEY}.
 *
 * @param key letters, digits and {@code _}
 */
public record MetaKey(String key) {

  private static final String PREFIX = "meta.";
  private static final Pattern KEY = Pattern.compile("\\w+");

  public MetaKey {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("'" + key + "' is no key of meta");
    }
  }

  /** Whether a text is {@code meta.KEY}. */
  public static boolean is(String text) {
    return text.startsWith(PREFIX) && KEY.matcher(text.substring(PREFIX.length())).matches();
  }

  /**
   * Reads {@code meta.KEY}.
   *
   * @throws IllegalArgumentException when the text is none
   */
  public static MetaKey of(String text) {
    if (!is(text)) {
      throw new IllegalArgumentException("'" + text + "' is not meta.KEY");
    }
    return new MetaKey(text.substring(PREFIX.length()));
  }

  /** The value as text, lists and objects as JSON; null where a row has none. */
  public Column value() {
    return get_json_object(col("meta"), "$." + key);
  }

  @Override
  public String toString() {
    return PREFIX + key;
  }
}
