package io.recant.jobs.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every injector of published settings takes a share of the rows or their number. */
class ExtentTest {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static final Map<Class<? extends Record>, String> SETTINGS =
      Map.of(
          TriggerToken.Settings.class,
          "target: a",
          TriggerPatch.Settings.class,
          "target: a",
          InterclassConfusion.Settings.class,
          "classes: [a, b]");

  @Test
  void oneOfShareAndCountIsSet() throws IOException {
    for (Class<? extends Record> type : SETTINGS.keySet()) {
      assertThat(SettingsBinder.unbind(bind(type, ", share: 0.25")).get("share").doubleValue())
          .isEqualTo(0.25);
      assertThat(SettingsBinder.unbind(bind(type, ", count: 500")).get("count").longValue())
          .isEqualTo(500);
      assertThatThrownBy(() -> bind(type, ", share: 0.25, count: 500"))
          .isInstanceOf(ConfigException.class)
          .hasMessage("here: share and count: set one of them, not both");
      assertThatThrownBy(() -> bind(type, ""))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith("here: share, count: set one of them");
    }
  }

  @Test
  void anOddNumberHasNoHalf() {
    assertThatThrownBy(() -> bind(InterclassConfusion.Settings.class, ", count: 501"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("501 is odd");
  }

  private static Record bind(Class<? extends Record> type, String more) throws IOException {
    return SettingsBinder.bind(YAML.readTree("{" + SETTINGS.get(type) + more + "}"), type, "here");
  }
}
