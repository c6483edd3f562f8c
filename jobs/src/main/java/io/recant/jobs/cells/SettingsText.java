package io.recant.jobs.cells;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.manifest.Json;
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
   * names of files and places differ between equal runs.
   *
   * @param parts names and settings as text; a null counts as one
   */
  public static String hash(Object... parts) {
    return Json.hash(Arrays.asList(parts));
  }

  /**
   * The device a cell runs on.
   *
   * @param wanted {@code auto}, {@code cpu} or {@code gpu}, from the configuration
   * @param assigned what Spark assigned to the task
   * @throws ConfigException when a GPU is wanted and none is assigned
   */
  public static String device(String wanted, String assigned) {
    return switch (wanted) {
      case "auto" -> assigned;
      case "cpu" -> "cpu";
      case "gpu" -> {
        if (assigned.equals("cpu")) {
          throw new ConfigException(
              "device: gpu, but Spark assigned none to this task; submit with spark.task.resource.gpu.amount=1 and a"
                  + " discovery script (conf/spark/gpu.conf), or set device: auto");
        }
        yield assigned;
      }
      default -> throw new ConfigException("device: '" + wanted + "' is none of auto, cpu, gpu");
    };
  }
}
