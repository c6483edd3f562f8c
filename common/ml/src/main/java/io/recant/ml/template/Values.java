package io.recant.ml.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What Python does with values: {@code None} is null, whole numbers are {@link Long}, others {@link
 * Double}, and lists and tuples are {@link List}. Whatever would come out otherwise than in Python
 * is refused.
 */
final class Values {

  private static final int LONGEST = 1 << 24;

  private Values() {}

  static boolean isTrue(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    return !hasLength(value) || length(value) > 0;
  }

  /** As it is printed. */
  static String text(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (value instanceof String || value instanceof Long) {
      return value.toString();
    }
    if (value instanceof Undefined) {
      return "";
    }
    throw new TemplateException("printing " + kind(value) + " is not supported");
  }

  static boolean hasLength(Object value) {
    return value instanceof String
        || value instanceof Collection
        || value instanceof Map
        || value instanceof Undefined;
  }

  static long length(Object value) {
    if (value instanceof String text) {
      return PythonText.length(text);
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    if (value instanceof Collection<?> values) {
      return values.size();
    }
    throw new TemplateException(kind(value) + " has no length");
  }

  /** What a loop over it goes through. */
  static List<Object> items(Object value) {
    if (value instanceof Collection<?> values) {
      return new ArrayList<>(values);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return PythonText.characters(text);
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException(kind(value) + " cannot be gone through");
  }

  static boolean areEqual(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, right) == 0;
    }
    if (left instanceof Undefined && right instanceof Undefined) {
      return true;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      boolean equal = a.size() == b.size();
      for (int i = 0; equal && i < a.size(); i++) {
        equal = areEqual(a.get(i), b.get(i));
      }
      return equal;
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      return a.keySet().equals(b.keySet())
          && a.keySet().stream().allMatch(key -> areEqual(a.get(key), b.get(key)));
    }
    return Objects.equals(left, right);
  }

  static boolean compare(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> areEqual(left, right);
      case "!=" -> !areEqual(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> order(left, right) < 0;
      case "<=" -> order(left, right) <= 0;
      case ">" -> order(left, right) > 0;
      default -> order(left, right) >= 0;
    };
  }

  private static boolean contains(Object container, Object value) {
    if (container instanceof String text) {
      if (value instanceof String part) {
        return text.contains(part);
      }
      throw new TemplateException(kind(value) + " cannot be in a text");
    }
    return items(container).stream().anyMatch(item -> areEqual(item, value));
  }

  private static int order(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, right);
    }
    if (left instanceof String a && right instanceof String b) {
      return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    }
    throw new TemplateException(kind(left) + " and " + kind(right) + " have no order");
  }

  private static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  private static int compareNumbers(Object left, Object right) {
    if (left instanceof Double || right instanceof Double) {
      return Double.compare(real(left), real(right));
    }
    return Long.compare((long) real(left), (long) real(right));
  }

  private static double real(Object value) {
    return value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue();
  }

  static Object compute(String operator, Object left, Object right) {
    for (Object value : new Object[] {left, right}) {
      if (value instanceof Undefined undefined) {
        throw undefined.used();
      }
    }
    if (left instanceof Long a && right instanceof Long b) {
      return compute(operator, BigInteger.valueOf(a), BigInteger.valueOf(b));
    }
    if (operator.equals("+") && left instanceof String a && right instanceof String b) {
      return joined(List.of(a, b), "");
    }
    if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
      checkLength((long) a.size() + b.size());
      List<Object> sum = new ArrayList<>(a);
      sum.addAll(b);
      return sum;
    }
    throw new TemplateException(
        kind(left) + " " + operator + " " + kind(right) + " is not supported");
  }

  private static Long compute(String operator, BigInteger left, BigInteger right) {
    if (right.signum() == 0 && (operator.equals("//") || operator.equals("%"))) {
      throw new TemplateException("division by zero");
    }
    BigInteger result =
        switch (operator) {
          case "+" -> left.add(right);
          case "-" -> left.subtract(right);
          case "*" -> left.multiply(right);
          case "//" -> BigInteger.valueOf(Math.floorDiv(left.longValue(), right.longValue()));
          case "%" -> BigInteger.valueOf(Math.floorMod(left.longValue(), right.longValue()));
          default -> throw new TemplateException("the operator " + operator + " is not supported");
        };
    if (result.bitLength() > 53) {
      throw new TemplateException("numbers beyond 2^53 are not supported");
    }
    return result.longValue();
  }

  static String joined(List<String> texts, String separator) {
    checkLength(
        texts.stream().mapToLong(String::length).sum() + (long) texts.size() * separator.length());
    return String.join(separator, texts);
  }

  static void checkLength(long length) {
    if (length > LONGEST) {
      throw new TemplateException("a value becomes longer than " + LONGEST);
    }
  }

  static long wholeNumber(Object value) {
    if (value instanceof Long number) {
      return number;
    }
    throw new TemplateException(kind(value) + " is not a whole number");
  }

  static String string(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new TemplateException(kind(value) + " is not a text");
  }

  /** What kind of value it is, for messages. */
  static String kind(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Undefined undefined) {
      return "the undefined '" + undefined.name() + "'";
    }
    if (value instanceof String) {
      return "a text";
    }
    if (isNumber(value)) {
      return "a number";
    }
    return value instanceof List ? "a list" : value instanceof Map ? "a mapping" : "an object";
  }
}
