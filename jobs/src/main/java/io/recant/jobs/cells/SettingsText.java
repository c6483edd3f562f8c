package io.recant.jobs.cells;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.config.SettingsBinder;
import io.recant.core.manifest.Json;
import io.recant.core.redact.Redaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Settings on their way to an executor, as JSON: a cell's specification is text and numbers, and
 * hashes as such.
 */
public final class SettingsText {

  private SettingsText() {}

  /** The settings, defaults filled in. */
  public static String write(Record settings) {
    return new String(Json.bytes(SettingsBinder.unbind(settings)), StandardCharsets.UTF_8);
  }

  /** The settings again. */
  public static <S extends Record> S read(String json, Class<S> type, String where) {
    try {
      return SettingsBinder.bind(
          Json.read(json.getBytes(StandardCharsets.UTF_8), JsonNode.class), type, where);
    } catch (IOException e) {
      throw new UncheckedIOException(where, e);
    }
  }

  /**
   * A hash of the settings something was made with. What it was made from is in the manifests:
   * names of files and places differ between equal runs, and secrets are left out.
   *
   * @param parts names and settings as text; a null counts as one
   */
  public static String hash(Object... parts) {
    return Json.hash(Redaction.tree(Json.tree(Arrays.asList(parts))));
  }
}
