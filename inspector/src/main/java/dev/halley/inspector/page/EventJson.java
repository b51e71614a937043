package dev.halley.inspector.page;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Direction;
import dev.halley.inspector.HandshakeReport;
import dev.halley.inspector.Http2Names;
import dev.halley.inspector.Names;
import dev.halley.inspector.Snippet;
import dev.halley.inspector.TapEvent;
import dev.halley.websocket.Header;
import dev.halley.websocket.Opcode;
import java.io.StringWriter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** An event as a JSON object for the page's script. */
public final class EventJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private EventJson() {}

  /** One object an event, in one array. */
  public static String of(long first, List<TapEvent> events) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartArray();
      long number = first;
      for (TapEvent event : events) {
        out.writeStartObject();
        out.writeNumberProperty("seq", number++);
        write(out, event);
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, TapEvent event) {
    out.writeNumberProperty("connection", event.connection());
    out.writeNumberProperty("micros", event.micros());
    switch (event) {
      case TapEvent.Opened it -> {
        kind(out, "open", Direction.TO_SERVER);
        out.writeStringProperty("client", it.client());
        out.writeStringProperty("server", it.server());
      }
      case TapEvent.Request it -> {
        kind(out, "request", Direction.TO_SERVER);
        out.writeNumberProperty("exchange", it.exchange());
        out.writeStringProperty("method", it.method());
        out.writeStringProperty("target", it.target());
        out.writeStringProperty("version", it.version());
        out.writeNumberProperty("length", it.headLength());
        headers(out, it.headers());
      }
      case TapEvent.Response it -> {
        kind(out, "response", Direction.TO_CLIENT);
        out.writeNumberProperty("exchange", it.exchange());
        out.writeNumberProperty("status", it.status());
        out.writeStringProperty("reason", it.reason());
        out.writeStringProperty("version", it.version());
        out.writeNumberProperty("held", it.heldMicros());
        out.writeBooleanProperty("longPoll", it.asksToWait());
        out.writeNumberProperty("length", it.headLength());
        headers(out, it.headers());
      }
      case TapEvent.Body it -> {
        kind(out, "body", it.direction());
        out.writeNumberProperty("exchange", it.exchange());
        out.writeStringProperty("type", it.contentType());
        out.writeBooleanProperty("complete", it.complete());
        if (it.coding().isPresent()) {
          TapEvent.ContentCoding coding = it.coding().get();
          out.writeStringProperty("coding", coding.name());
          out.writeNumberProperty("codedLength", coding.length());
          out.writeStringProperty("decoded", coding.outcome().name());
        }
        snippet(out, "content", it.content());
      }
      case TapEvent.ServerSentEvent it -> {
        kind(out, "sse", Direction.TO_CLIENT);
        out.writeNumberProperty("exchange", it.exchange());
        out.writeStringProperty("type", it.type());
        if (it.id().isPresent()) {
          out.writeStringProperty("id", it.id().get());
        }
        out.writeNumberProperty("length", it.wireLength());
        snippet(out, "content", it.data());
      }
      case TapEvent.Handshake it -> {
        kind(out, "handshake", Direction.TO_CLIENT);
        handshake(out, it);
      }
      case TapEvent.Frame it -> {
        kind(out, "frame", it.direction());
        frame(out, it);
      }
      case TapEvent.Http2Frame it -> {
        kind(out, "http2", it.direction());
        out.writeNumberProperty("stream", it.stream());
        out.writeStringProperty("type", Http2Names.type(it.type()));
        out.writeStringProperty("flags", Http2Names.flags(it.type(), it.flags()));
        out.writeNumberProperty("length", it.length());
        out.writeStringProperty("text", it.text());
      }
      case TapEvent.Notice it -> {
        kind(out, "notice", it.direction());
        out.writeStringProperty("text", it.text());
      }
      case TapEvent.Closed it -> {
        kind(out, "end", Direction.TO_CLIENT);
        out.writeStringProperty("text", it.how());
        out.writeNumberProperty("toServer", it.toServer());
        out.writeNumberProperty("toClient", it.toClient());
      }
    }
    breaches(out, event.breaches());
  }

  private static void kind(JsonGenerator out, String kind, Direction direction) {
    out.writeStringProperty("kind", kind);
    out.writeBooleanProperty("up", direction == Direction.TO_SERVER);
  }

  private static void headers(JsonGenerator out, List<Header> headers) {
    out.writeName("headers");
    out.writeStartArray();
    for (Header header : headers) {
      out.writeStartArray();
      out.writeString(header.name());
      out.writeString(header.value());
      out.writeEndArray();
    }
    out.writeEndArray();
  }

  private static void snippet(JsonGenerator out, String name, Snippet snippet) {
    out.writeStringProperty(name, Base64.getEncoder().encodeToString(snippet.bytes()));
    out.writeNumberProperty(name + "Length", snippet.length());
  }

  private static void handshake(JsonGenerator out, TapEvent.Handshake it) {
    HandshakeReport report = it.report();
    out.writeNumberProperty("exchange", it.exchange());
    out.writeStringProperty("target", it.target());
    out.writeStringProperty("key", report.key());
    out.writeStringProperty("guid", HandshakeReport.GUID);
    out.writeStringProperty("digest", report.digest());
    out.writeStringProperty("expected", report.expected());
    out.writeStringProperty("accept", report.accept());
    out.writeBooleanProperty("right", report.isAcceptRight());
    out.writeStringProperty("offeredProtocols", report.offeredProtocols());
    out.writeStringProperty("protocol", report.protocol());
    out.writeStringProperty("offeredExtensions", report.offeredExtensions());
    out.writeStringProperty("extensions", report.extensions());
  }

  private static void frame(JsonGenerator out, TapEvent.Frame it) {
    out.writeNumberProperty("number", it.number());
    if (it.stream() > 0) {
      out.writeNumberProperty("stream", it.stream());
    }
    out.writeStringProperty("header", HexFormat.of().formatHex(it.bits().header()));
    out.writeStringProperty("length", Long.toUnsignedString(it.bits().length()));
    out.writeStringProperty("opcode", Names.opcode(it.bits().opcode()));
    snippet(out, "content", it.payload());
    if (it.part().number() > 0) {
      out.writeNumberProperty("message", it.part().number());
      out.writeNumberProperty("fragment", it.part().fragment());
      out.writeStringProperty("messageOpcode", Names.opcode(it.part().opcode()));
      out.writeNumberProperty("messageLength", it.part().length());
      out.writeBooleanProperty("compressed", it.part().compressed());
    }
    if (it.inflated().isPresent()) {
      snippet(out, "inflated", it.inflated().get());
    }
    if (it.bits().opcode() == Opcode.CLOSE) {
      out.writeNumberProperty("code", it.closeCode());
      out.writeStringProperty("codeName", Names.closeCode(it.closeCode()));
    }
    out.writeBooleanProperty("complete", it.complete());
  }

  private static void breaches(JsonGenerator out, List<Breach> breaches) {
    if (breaches.isEmpty()) {
      return;
    }
    out.writeName("breaches");
    out.writeStartArray();
    for (Breach breach : breaches) {
      out.writeStartArray();
      out.writeString(breach.rule());
      out.writeString(breach.section());
      out.writeEndArray();
    }
    out.writeEndArray();
  }
}
