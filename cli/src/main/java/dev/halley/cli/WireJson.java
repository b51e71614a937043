package dev.halley.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the server's JSON without touching a byte of the payloads within it. */
final class WireJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private WireJson() {}

  /**
   * The properties of an object: strings decoded, any other value as it is written.
   *
   * @throws IOException if {@code json} is no object
   */
  static Map<String, String> object(String json) throws IOException {
    Map<String, String> properties = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      require(parser.nextToken() == JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        properties.put(name, value(parser, parser.nextToken(), json));
      }
      return properties;
    } catch (JacksonException e) {
      throw new IOException("what the server says is not JSON", e);
    }
  }

  /**
   * The elements of an array, in the same way.
   *
   * @throws IOException if {@code json} is no array
   */
  static List<String> array(String json) throws IOException {
    List<String> elements = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      require(parser.nextToken() == JsonToken.START_ARRAY);
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        elements.add(value(parser, token, json));
      }
      return elements;
    } catch (JacksonException e) {
      throw new IOException("what the server says is not JSON", e);
    }
  }

  /** Whether a text is one JSON object or array. */
  static boolean isStructure(String text) {
    if (!text.startsWith("{") && !text.startsWith("[")) {
      return false;
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }

  /** A publication's payload as one prints it. */
  static String payload(Map<String, String> publication) {
    return publication.getOrDefault("data", publication.getOrDefault("base64", ""));
  }

  /**
   * A property that must be there.
   *
   * @throws IOException if it isn't
   */
  static String required(Map<String, String> properties, String name) throws IOException {
    String value = properties.get(name);
    if (value == null) {
      throw new IOException("what the server says lacks \"" + name + "\"");
    }
    return value;
  }

  private static String value(JsonParser parser, JsonToken token, String json) {
    if (!token.isStructStart()) {
      return parser.getString();
    }
    long start = parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    long end = parser.currentLocation().getCharOffset();
    return json.substring(Math.toIntExact(start), Math.toIntExact(end));
  }

  private static void require(boolean expected) throws IOException {
    if (!expected) {
      throw new IOException("what the server says is not what was expected");
    }
  }
}
