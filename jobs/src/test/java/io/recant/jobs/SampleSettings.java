package io.recant.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.config.Setting;
import io.recant.core.config.SettingsBinder;
import io.recant.core.error.ConfigException;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The smallest settings any record takes: defaults, and something plain where there is none. */
public final class SampleSettings {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private SampleSettings() {}

  /**
   * The settings bound; lists are empty, or hold two texts where the record asks for some; no
   * optional setting is there, or one where the record asks for one of several.
   */
  public static <C extends Record> C of(Class<C> type) {
    List<ObjectNode> candidates = new ArrayList<>(List.of(tree(type), tree(type, "x", "y")));
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getGenericType() instanceof ParameterizedType generic
          && generic.getRawType() == Optional.class) {
        ObjectNode candidate = tree(type, "x", "y");
        candidate.set(
            SettingsBinder.key(component.getName()),
            plain(
                generic.getActualTypeArguments()[0],
                component.getAnnotation(Setting.class),
                "x",
                "y"));
        candidates.add(candidate);
      }
    }
    ConfigException refused = null;
    for (ObjectNode candidate : candidates) {
      try {
        return SettingsBinder.bind(candidate, type, "sample");
      } catch (ConfigException e) {
        refused = e;
      }
    }
    throw refused;
  }

  /** The settings as a configuration writes them: only the keys that have no default. */
  public static ObjectNode tree(Class<?> type, String... elements) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting != null && setting.defaultValue().equals(Setting.REQUIRED)) {
        tree.set(
            SettingsBinder.key(component.getName()),
            plain(component.getGenericType(), setting, elements));
      }
    }
    return tree;
  }

  private static JsonNode plain(Type type, Setting setting, String... elements) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class
          ? YAML.valueToTree(elements)
          : generic.getRawType() == Map.class
              ? JsonNodeFactory.instance.objectNode()
              : JsonNodeFactory.instance.nullNode();
    }
    Class<?> raw = MethodType.methodType((Class<?>) type).unwrap().returnType();
    if (raw.isRecord() && raw != io.recant.core.config.Strategy.class) {
      return tree(raw, elements);
    } else if (raw.isEnum()) {
      return JsonNodeFactory.instance.textNode(
          ((Enum<?>) raw.getEnumConstants()[0]).name().toLowerCase(java.util.Locale.ROOT));
    } else if (raw == boolean.class) {
      return JsonNodeFactory.instance.booleanNode(false);
    } else if (raw.isPrimitive()) {
      double low = Double.isInfinite(setting.min()) ? Math.min(0, setting.max()) : setting.min();
      return raw == double.class
          ? JsonNodeFactory.instance.numberNode(low)
          : JsonNodeFactory.instance.numberNode((long) Math.ceil(low));
    } else if (raw == ObjectNode.class) {
      return JsonNodeFactory.instance.objectNode();
    }
    return JsonNodeFactory.instance.textNode("x");
  }

  /** A pipeline's YAML. */
  public static ObjectNode yaml(String text) {
    try {
      return (ObjectNode) YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
