package dev.halley.showcase.chat;

import java.io.StringWriter;
import java.util.SortedMap;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What the chat says in JSON. */
final class ChatJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private ChatJson() {}

  /** {@code {"join":"Ann"}} or {@code {"leave":"Ann"}}. */
  static String change(Change change) {
    return object(
        json -> {
          switch (change) {
            case Change.Join join -> json.writeStringProperty("join", join.name());
            case Change.Leave leave -> json.writeStringProperty("leave", leave.name());
          }
        });
  }

  /** {@code {"rooms":{"lobby":2}}}. */
  static String rooms(SortedMap<String, Integer> rooms) {
    return object(json -> writeRooms(json, rooms));
  }

  /** {@code {"name":"Ann","people":["Ann"],"since":"k3f9:41","rooms":{"lobby":1},"kept":true}}. */
  static String presence(String name, ChatRooms.Presence presence, boolean kept) {
    return object(
        json -> {
          json.writeStringProperty("name", name);
          json.writeArrayPropertyStart("people");
          presence.people().forEach(json::writeString);
          json.writeEndArray();
          json.writeStringProperty("since", presence.since().toString());
          writeRooms(json, presence.rooms());
          json.writeBooleanProperty("kept", kept);
        });
  }

  private static void writeRooms(JsonGenerator json, SortedMap<String, Integer> rooms) {
    json.writeObjectPropertyStart("rooms");
    rooms.forEach(json::writeNumberProperty);
    json.writeEndObject();
  }

  private static String object(Consumer<JsonGenerator> fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      fields.accept(json);
      json.writeEndObject();
    }
    return text.toString();
  }
}
