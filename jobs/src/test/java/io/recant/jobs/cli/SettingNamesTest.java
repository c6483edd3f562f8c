package io.recant.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.config.SettingsBinder;
import io.recant.core.redact.Redaction;
import io.recant.core.registry.Extension;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A setting that is no secret stands in manifests and counts in hashes: none is taken for one. */
class SettingNamesTest {

  @Test
  void noSettingIsNamedLikeASecret() {
    Set<String> names = new TreeSet<>();
    Extensions.load()
        .kinds()
        .values()
        .forEach(
            registry -> registry.all().forEach(e -> collect(((Extension<?>) e).settings(), names)));

    assertThat(names).contains("path", "answer_tokens", "max_tokens").hasSizeGreaterThan(100);
    assertThat(names).noneMatch(Redaction::isSensitive);
  }

  @Test
  void bundledConfigurationsHoldNoSecret() throws IOException {
    ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
    try (Stream<Path> files = Files.walk(Path.of("../conf"))) {
      List<Path> configurations = files.filter(f -> f.toString().endsWith(".yaml")).toList();
      assertThat(configurations).hasSizeGreaterThan(5);
      for (Path file : configurations) {
        JsonNode tree = yaml.readTree(file.toFile());
        assertThat(Redaction.tree(tree)).as(file.toString()).isEqualTo(tree);
      }
    }
  }

  private static void collect(Type type, Set<String> names) {
    if (type instanceof ParameterizedType generic) {
      for (Type argument : generic.getActualTypeArguments()) {
        collect(argument, names);
      }
    } else if (type instanceof Class<?> raw && raw.isRecord()) {
      for (RecordComponent component : raw.getRecordComponents()) {
        names.add(SettingsBinder.key(component.getName()));
        collect(component.getGenericType(), names);
      }
    }
  }
}
