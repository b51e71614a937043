package dev.halley.showcase;

import dev.halley.server.app.RequestRefusedException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Flat JSON objects: all that the demos say to their pages and hear from them. */
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** An object with these members; numbers and booleans are written as such, all else as text. */
  static String object(Map<String, Object> members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      members.forEach((name, value) -> write(out, name, value));
      out.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, String name, Object value) {
    out.writeName(name);
    switch (value) {
      case Boolean b -> out.writeBoolean(b);
      case Integer n -> out.writeNumber(n);
      case Long n -> out.writeNumber(n);
      case Double n -> out.writeNumber(n);
      default -> out.writeString(value.toString());
    }
  }

  /**
   * The members of an object as text; what isn't text, a number or a boolean is left out.
   *
   * @throws RequestRefusedException 400 if it isn't an object
   */
  static Map<String, String> fields(String text) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw refused();
      }
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = in.getString();
        if (in.nextToken().isScalarValue()) {
          fields.put(name, in.getString());
        } else {
          in.skipChildren();
        }
      }
      return fields;
    } catch (JacksonException e) {
      throw refused();
    }
  }

  private static RequestRefusedException refused() {
    return new RequestRefusedException(400, "The body is a JSON object");
  }
}
