package dev.halley.server.admin;

import dev.halley.server.wire.JsonText;
import java.util.List;

/** A JSON object while it is written. Keys are ours; texts are anybody's. */
final class JsonObject {
  private final StringBuilder text = new StringBuilder("{");

  JsonObject put(String key, long value) {
    name(key).append(value);
    return this;
  }

  JsonObject put(String key, boolean value) {
    name(key).append(value);
    return this;
  }

  JsonObject put(String key, String value) {
    name(key).append(JsonText.escape(value));
    return this;
  }

  JsonObject put(String key, JsonObject value) {
    name(key).append(value);
    return this;
  }

  /** A list of values that are JSON already. */
  JsonObject putRaw(String key, List<String> values) {
    name(key).append('[').append(String.join(",", values)).append(']');
    return this;
  }

  JsonObject putTexts(String key, List<String> values) {
    return putRaw(key, values.stream().map(JsonText::escape).toList());
  }

  JsonObject putNumbers(String key, List<? extends Number> values) {
    return putRaw(key, values.stream().map(String::valueOf).toList());
  }

  @Override
  public String toString() {
    return text + "}";
  }

  private StringBuilder name(String key) {
    return text.append(text.length() > 1 ? "," : "").append('"').append(key).append("\":");
  }
}
