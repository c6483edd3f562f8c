package io.recant.ml.causal;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import java.util.ArrayList;
import java.util.List;

/** Reads a {@code config.json} and says where it is wrong. */
final class ConfigReader {

  private final JsonNode json;
  private final String where;

  ConfigReader(JsonNode json, String where) {
    this.json = json;
    this.where = where;
  }

  JsonNode at(String key) {
    return json.path(key);
  }

  /** A whole number that has to be there. */
  int integer(String key) {
    if (!json.path(key).canConvertToInt()) {
      throw new InputException(where + ": " + key + " is missing or not a whole number");
    }
    return json.get(key).intValue();
  }

  int integer(String key, int otherwise) {
    return isAbsent(key) ? otherwise : integer(key);
  }

  double number(String key, double otherwise) {
    if (isAbsent(key)) {
      return otherwise;
    }
    if (!json.get(key).isNumber()) {
      throw new InputException(where + ": " + key + " is not a number");
    }
    return json.get(key).doubleValue();
  }

  boolean flag(String key, boolean otherwise) {
    return json.path(key).asBoolean(otherwise);
  }

  /** A token, or the first of several that serve alike. */
  int token(String key, int otherwise) {
    JsonNode token = json.path(key);
    JsonNode first = token.isArray() ? token.path(0) : token;
    if (first.isMissingNode() || first.isNull()) {
      return otherwise;
    }
    if (!first.canConvertToInt()) {
      throw new InputException(where + ": " + key + " is not a token id");
    }
    return first.intValue();
  }

  /** All tokens that serve alike; none where the key is absent. */
  List<Integer> tokens(String key) {
    JsonNode given = json.path(key);
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode token : given.isArray() ? given : List.of(given)) {
      if (token.canConvertToInt()) {
        tokens.add(token.intValue());
      } else if (!token.isMissingNode() && !token.isNull()) {
        throw new InputException(where + ": " + key + " is not a token id");
      }
    }
    return tokens;
  }

  int token(String key) {
    int token = token(key, DecoderConfig.NO_TOKEN);
    if (token == DecoderConfig.NO_TOKEN) {
      throw new InputException(where + ": " + key + " is missing; what ends a text?");
    }
    return token;
  }

  /** Refuses what would have to be computed in another way. */
  void refuse(String key, boolean unsupported) {
    if (unsupported) {
      throw new InputException(
          where + ": " + key + " = " + json.get(key) + " is not something causal-lm computes");
    }
  }

  private boolean isAbsent(String key) {
    return json.path(key).isMissingNode() || json.path(key).isNull();
  }
}
