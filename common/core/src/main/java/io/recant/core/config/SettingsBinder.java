package io.recant.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.error.ConfigException;
import io.recant.core.redact.Redaction;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Binds a YAML or JSON tree to a record, strictly: an unknown key, a value of the wrong type or out
 * of range, or a missing required key is a {@link ConfigException} that names the key by its full
 * path and the nearest valid one. Keys are written {@code snake_case}; record components are {@code
 * camelCase}.
 *
 * <p>Component types: {@code int, long, double, boolean, String}, enums (written in lower case,
 * {@code _} or {@code -}), records, {@link Strategy}, {@code ObjectNode} (kept as it is), and
 * {@code List}, {@code Map<String, ...>} and {@code Optional} of these.
 */
public final class SettingsBinder {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private SettingsBinder() {}

  /**
   * Binds a mapping to a record.
   *
   * @param node the mapping; a missing or null node stands for an empty one
   * @param path where the mapping stands in the configuration, for messages
   */
  public static <R extends Record> R bind(JsonNode node, Class<R> type, String path) {
    ObjectNode object = asObject(node, path);
    RecordComponent[] components = type.getRecordComponents();
    TreeSet<String> known = new TreeSet<>();
    for (RecordComponent c : components) {
      known.add(key(c.getName()));
    }
    for (String name : (Iterable<String>) object::fieldNames) {
      if (!known.contains(name)) {
        throw new ConfigException(
            "unknown key '" + join(path, name) + "'" + Nearest.suggestion(name, known));
      }
    }
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] = component(object, components[i], path);
    }
    return construct(type, components, values, path);
  }

  /** The resolved settings as a tree, defaults filled in, keys as a configuration writes them. */
  public static ObjectNode unbind(Record settings) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    for (RecordComponent c : settings.getClass().getRecordComponents()) {
      try {
        c.getAccessor().setAccessible(true);
        node.set(key(c.getName()), toNode(c.getAccessor().invoke(settings)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "cannot read " + settings.getClass() + "." + c.getName(), e);
      }
    }
    return node;
  }

  /** {@code maxQuarantine} as a configuration writes it: {@code max_quarantine}. */
  public static String key(String component) {
    StringBuilder key = new StringBuilder();
    for (char c : component.toCharArray()) {
      if (Character.isUpperCase(c)) {
        key.append('_').append(Character.toLowerCase(c));
      } else {
        key.append(c);
      }
    }
    return key.toString();
  }

  /** Makes sure that a section is a mapping, or is not there at all. */
  static void requireMapping(JsonNode node, String path) {
    asObject(node, path);
  }

  private static ObjectNode asObject(JsonNode node, String path) {
    if (node == null || node.isNull() || node.isMissingNode()) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new ConfigException(
        path + ": expected a mapping of keys to values, found " + shown(node, path));
  }

  private static Object component(ObjectNode object, RecordComponent component, String path) {
    String key = key(component.getName());
    String where = join(path, key);
    Setting setting = component.getAnnotation(Setting.class);
    if (setting == null) {
      throw new IllegalStateException(component + " has no @Setting");
    }
    JsonNode value = object.get(key);
    if (value == null || value.isNull()) {
      if (setting.defaultValue().equals(Setting.REQUIRED)) {
        throw new ConfigException("missing key '" + where + "': " + setting.value());
      }
      value = parse(setting.defaultValue(), where);
    }
    Object converted = convert(value, component.getGenericType(), where);
    checkRange(converted, setting, where);
    return converted;
  }

  /** Bounds hold for every number of a setting, also inside an {@code Optional} or a list. */
  private static void checkRange(Object value, Setting setting, String where) {
    if (value instanceof Optional<?> optional) {
      optional.ifPresent(inner -> checkRange(inner, setting, where));
    } else if (value instanceof Iterable<?> many) {
      many.forEach(element -> checkRange(element, setting, where));
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((key, inner) -> checkRange(inner, setting, join(where, (String) key)));
    } else if (value instanceof Number number
        && !(number.doubleValue() >= setting.min() && number.doubleValue() <= setting.max())) {
      throw new ConfigException(
          where + ": " + number + " is outside " + range(setting) + " (" + setting.value() + ")");
    }
  }

  private static Object convert(JsonNode node, Type type, String where) {
    if (type instanceof ParameterizedType generic) {
      return convertGeneric(node, generic, where);
    }
    Class<?> raw = (Class<?>) type;
    if (raw == String.class) {
      require(node.isValueNode() && !node.isNull(), node, where, "text");
      return node.asText();
    } else if (raw == int.class || raw == Integer.class) {
      require(node.isIntegralNumber() && node.canConvertToInt(), node, where, "a whole number");
      return node.intValue();
    } else if (raw == long.class || raw == Long.class) {
      require(node.isIntegralNumber() && node.canConvertToLong(), node, where, "a whole number");
      return node.longValue();
    } else if (raw == double.class || raw == Double.class) {
      return number(node, where);
    } else if (raw == boolean.class || raw == Boolean.class) {
      require(node.isBoolean(), node, where, "true or false");
      return node.booleanValue();
    } else if (raw.isEnum()) {
      return constant(node, raw, where);
    } else if (raw == ObjectNode.class) {
      return asObject(node, where).deepCopy();
    } else if (raw == Strategy.class) {
      return strategy(node, where);
    } else if (raw.isRecord()) {
      return bind(node, raw.asSubclass(Record.class), where);
    }
    throw new IllegalStateException("no binding for " + type + " at " + where);
  }

  /** YAML 1.1 reads {@code 1e-3} as text; people mean the number. */
  private static double number(JsonNode node, String where) {
    try {
      return node.isTextual() ? Double.parseDouble(node.textValue()) : requireNumber(node, where);
    } catch (NumberFormatException e) {
      return requireNumber(node, where);
    }
  }

  private static double requireNumber(JsonNode node, String where) {
    require(node.isNumber(), node, where, "a number");
    return node.doubleValue();
  }

  private static Object convertGeneric(JsonNode node, ParameterizedType type, String where) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return node.isNull() ? Optional.empty() : Optional.of(convert(node, arguments[0], where));
    }
    if (type.getRawType() == List.class) {
      require(node.isArray(), node, where, "a list");
      List<Object> list = new ArrayList<>();
      for (JsonNode element : node) {
        list.add(convert(element, arguments[0], where + "[" + list.size() + "]"));
      }
      return List.copyOf(list);
    }
    if (type.getRawType() == Map.class) {
      Map<String, Object> map = new LinkedHashMap<>();
      asObject(node, where)
          .properties()
          .forEach(
              e ->
                  map.put(
                      e.getKey(), convert(e.getValue(), arguments[1], join(where, e.getKey()))));
      return java.util.Collections.unmodifiableMap(map);
    }
    throw new IllegalStateException("no binding for " + type + " at " + where);
  }

  private static Strategy strategy(JsonNode node, String where) {
    if (node.isTextual()) {
      return new Strategy(node.asText(), JsonNodeFactory.instance.objectNode());
    }
    ObjectNode settings = asObject(node, where).deepCopy();
    JsonNode name = settings.remove("name");
    if (name == null || !name.isTextual()) {
      throw new ConfigException("missing key '" + join(where, "name") + "': which one to use");
    }
    return new Strategy(name.asText(), settings);
  }

  private static Object constant(JsonNode node, Class<?> type, String where) {
    String wanted = node.asText().replace('-', '_').toUpperCase(Locale.ROOT);
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(wanted)) {
        return constant;
      }
    }
    List<String> valid =
        Arrays.stream(type.getEnumConstants()).map(SettingsBinder::written).toList();
    throw new ConfigException(
        where
            + ": '"
            + node.asText()
            + "' is not a value of this setting"
            + Nearest.suggestion(node.asText(), valid));
  }

  private static String written(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static <R> R construct(
      Class<R> type, RecordComponent[] components, Object[] values, String path) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ConfigException wrong) {
        throw wrong;
      }
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        throw new ConfigException(path + ": " + wrong.getMessage(), wrong);
      }
      throw new IllegalStateException("cannot make " + type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + type, e);
    }
  }

  private static JsonNode toNode(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(SettingsBinder::toNode).orElse(JsonNodeFactory.instance.nullNode());
    } else if (value instanceof Strategy strategy) {
      ObjectNode node = JsonNodeFactory.instance.objectNode().put("name", strategy.name());
      node.setAll(strategy.settings());
      return node;
    } else if (value instanceof Record nested) {
      return unbind(nested);
    } else if (value instanceof List<?> list) {
      var array = JsonNodeFactory.instance.arrayNode();
      list.forEach(element -> array.add(toNode(element)));
      return array;
    } else if (value instanceof Map<?, ?> map) {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      map.forEach((k, v) -> node.set((String) k, toNode(v)));
      return node;
    } else if (value instanceof Enum<?> constant) {
      return JsonNodeFactory.instance.textNode(written(constant));
    }
    return YAML.valueToTree(value);
  }

  private static JsonNode parse(String yaml, String where) {
    try {
      return yaml.isEmpty() ? JsonNodeFactory.instance.textNode("") : YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the default of " + where + " is not YAML: " + yaml, e);
    }
  }

  private static void require(boolean holds, JsonNode node, String where, String wanted) {
    if (!holds) {
      throw new ConfigException(where + ": expected " + wanted + ", found " + shown(node, where));
    }
  }

  private static String shown(JsonNode node, String where) {
    String text = Redaction.value(where, node).toString();
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }

  private static String range(Setting setting) {
    return "[" + plain(setting.min()) + ", " + plain(setting.max()) + "]";
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) && Math.abs(bound) < 1e15
        ? Long.toString((long) bound)
        : Double.toString(bound);
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
