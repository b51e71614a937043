package dev.halley.server.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Payload;
import dev.halley.server.HooksConfig.Event;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.RecentBySecret;
import dev.halley.server.access.Visitor;
import dev.halley.server.wire.JsonText;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * One question to the application. Two with the same key differ in the connection and the payload
 * at most.
 *
 * @param event what is asked about
 * @param key of all that an answer may depend on
 * @param common that, as properties of a JSON object
 * @param connection of whom it is asked
 * @param payload what is to be published
 * @param fresh whether an answer that is kept doesn't count
 */
record Question(
    Event event,
    ByteBuffer key,
    String common,
    String connection,
    Optional<Payload> payload,
    boolean fresh) {

  /**
   * A question about a caller.
   *
   * @param where a channel's or channels' property
   */
  static Question of(
      Event event, AskedCaller caller, String where, Optional<Payload> payload, boolean fresh) {
    Visitor visitor = caller.visitor();
    StringBuilder common = new StringBuilder(256);
    common.append("\"event\":\"").append(event.label()).append("\",").append(where);
    caller.subject().ifPresent(it -> property(common, "user", it));
    property(common, "address", visitor.address());
    property(common, "transport", visitor.transport());
    visitor.token().ifPresent(it -> property(common, "token", it));
    caller.claims().ifPresent(it -> common.append(",\"claims\":").append(it));
    common
        .append(",\"headers\":{")
        .append(
            visitor.headers().entrySet().stream()
                .map(it -> JsonText.escape(it.getKey()) + ":" + JsonText.escape(it.getValue()))
                .collect(Collectors.joining(",")))
        .append('}');
    String text = common.toString();
    return new Question(event, RecentBySecret.hash(text), text, visitor.id(), payload, fresh);
  }

  private static void property(StringBuilder out, String name, String value) {
    out.append(",\"").append(name).append("\":").append(JsonText.escape(value));
  }

  /** What is sent, the same for each try. */
  byte[] body() {
    StringBuilder body = new StringBuilder(common.length() + 128);
    body.append("{\"id\":\"").append(UUID.randomUUID()).append("\",").append(common);
    body.append(",\"connection\":\"").append(connection).append('"');
    payload.ifPresent(it -> appendPayload(body, it));
    return body.append('}').toString().getBytes(UTF_8);
  }

  private static void appendPayload(StringBuilder body, Payload payload) {
    switch (payload.type()) {
      case TEXT -> body.append(",\"data\":").append(JsonText.escape(payload.asText()));
      case JSON -> body.append(",\"data\":").append(payload.asText());
      case BINARY ->
          body.append(",\"base64\":\"")
              .append(Base64.getEncoder().encodeToString(payload.toByteArray()))
              .append('"');
    }
  }

  /** The bytes that it holds while it waits. */
  int size() {
    return common.length() + payload.map(Payload::size).orElse(0);
  }

  /** Whether the answer to another one with the same key may be waited for. */
  boolean isShareable() {
    return event != Event.PUBLISH;
  }

  /** It has credentials in it. */
  @Override
  public String toString() {
    return "Question[" + event.label() + "]";
  }
}
