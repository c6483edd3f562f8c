package io.recant.jobs.cli;

import io.recant.core.config.Nearest;
import io.recant.core.config.Setting;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import io.recant.core.registry.Extension;
import io.recant.core.registry.Registry;
import java.io.PrintStream;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code recant list}: everything a configuration can name. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        "Lists what a configuration can name: what each is, its paper, its settings and their defaults.")
final class ListCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "KIND",
      description = "detectors, injectors, methods, ...; all when left out.")
  private String kind;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "One of them; all when left out.")
  private String name;

  private final Extensions extensions;
  private final PrintStream out;

  ListCommand(Extensions extensions, PrintStream out) {
    this.extensions = extensions;
    this.out = out;
  }

  @Override
  public Integer call() {
    Map<String, Registry<? extends Extension<?>>> kinds = extensions.kinds();
    if (kind != null && !kinds.containsKey(kind)) {
      throw new ConfigException(
          "list: there is no kind '" + kind + "'" + Nearest.suggestion(kind, kinds.keySet()));
    }
    for (Map.Entry<String, Registry<? extends Extension<?>>> entry : kinds.entrySet()) {
      if (kind == null || kind.equals(entry.getKey())) {
        print(entry.getKey(), entry.getValue());
      }
    }
    return 0;
  }

  private void print(String plural, Registry<? extends Extension<?>> registry) {
    out.println(plural);
    List<? extends Extension<?>> chosen =
        name == null ? List.copyOf(registry.all()) : List.of(registry.get(name, "list " + plural));
    for (Extension<?> extension : chosen) {
      out.println("  " + extension.name());
      out.println("      " + extension.summary());
      if (!extension.source().isEmpty()) {
        out.println("      " + extension.source());
      }
      for (RecordComponent component : extension.settings().getRecordComponents()) {
        out.println("      - " + describe(component));
      }
    }
    out.println();
  }

  private static String describe(RecordComponent component) {
    Setting setting = component.getAnnotation(Setting.class);
    String value =
        setting.defaultValue().equals(Setting.REQUIRED)
            ? "required"
            : "default " + shown(setting.defaultValue());
    return SettingsBinder.key(component.getName()) + " (" + value + "): " + setting.value();
  }

  private static String shown(String yaml) {
    return yaml.isEmpty() ? "empty" : yaml.equals("null") ? "none" : yaml;
  }
}
