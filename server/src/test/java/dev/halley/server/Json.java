package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads the JSON that the server writes. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static JsonNode parse(String text) {
    return MAPPER.readTree(text);
  }

  /** A JSON string literal. */
  static String quote(String text) {
    return MAPPER.writeValueAsString(text);
  }

  /** A publication as polls and {@code halley.v1} write it. */
  static Received publication(JsonNode publication) {
    assertThat(publication.get("time").isIntegralNumber()).isTrue();
    if (publication.has("base64")) {
      assertThat(publication.has("data")).isFalse();
      return new Received.Binary(publication.get("base64").stringValue());
    }
    JsonNode data = publication.get("data");
    return new Received.Text(data.isString() ? data.stringValue() : data.toString());
  }

  static Received.Gap gap(String channel, JsonNode gap) {
    return new Received.Gap(channel, gap.get("from").stringValue(), gap.get("to").stringValue());
  }
}
