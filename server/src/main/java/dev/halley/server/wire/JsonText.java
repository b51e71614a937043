package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.broker.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Base64;
import java.util.List;

/**
 * Publications as JSON, straight from their UTF-8 bytes to a buffer, with the exact length known
 * before: a frame's header comes first.
 */
public final class JsonText {
  private static final byte[] CHANNEL = "{\"channel\":\"".getBytes(US_ASCII);
  private static final byte[] POSITION = "\",\"position\":\"".getBytes(US_ASCII);
  private static final byte[] TIME = "\",\"time\":".getBytes(US_ASCII);
  private static final byte[] TRACEPARENT = ",\"traceparent\":\"".getBytes(US_ASCII);
  private static final byte[] TRACESTATE = ",\"tracestate\":".getBytes(US_ASCII);
  private static final byte[] DATA = ",\"data\":".getBytes(US_ASCII);
  private static final byte[] BASE64 = ",\"base64\":\"".getBytes(US_ASCII);
  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  private JsonText() {}

  /** A property of an error that names channels, behind a comma; empty without any. */
  public static String channelsProperty(List<String> channels) {
    return channels.isEmpty() ? "" : ",\"channels\":[\"" + String.join("\",\"", channels) + "\"]";
  }

  /** How many bytes {@link #writePublication} writes. */
  public static int publicationLength(String channel, Publication publication) {
    Payload payload = publication.payload();
    int length =
        CHANNEL.length
            + channel.length()
            + POSITION.length
            + publication.position().epoch().length()
            + 1
            + digits(publication.position().offset())
            + TIME.length
            + digits(publication.timeMillis())
            + traceLength(payload)
            + 1;
    return length
        + switch (payload.type()) {
          case TEXT -> DATA.length + stringLength(payload);
          case JSON -> DATA.length + payload.size();
          case BINARY -> BASE64.length + (payload.size() + 2) / 3 * 4 + 1;
        };
  }

  private static int traceLength(Payload payload) {
    if (payload.trace().isEmpty()) {
      return 0;
    }
    TraceContext trace = payload.trace().get();
    int length = TRACEPARENT.length + trace.traceparent().length() + 1;
    return trace.tracestate().isEmpty()
        ? length
        : length + TRACESTATE.length + stringLength(Payload.text(trace.tracestate().get()));
  }

  private static void writeTrace(ByteBuf out, TraceContext trace) {
    out.writeBytes(TRACEPARENT);
    ByteBufUtil.writeAscii(out, trace.traceparent());
    out.writeByte('"');
    if (trace.tracestate().isPresent()) {
      out.writeBytes(TRACESTATE);
      writeString(out, trace.tracestate().get());
    }
  }

  /**
   * Writes {@code {"channel":…,"position":…,"time":…,"data":…}}, before {@code "data"} the trace
   * where there is one.
   */
  public static void writePublication(ByteBuf out, String channel, Publication publication) {
    out.writeBytes(CHANNEL);
    ByteBufUtil.writeAscii(out, channel);
    out.writeBytes(POSITION);
    ByteBufUtil.writeAscii(out, publication.position().epoch());
    out.writeByte(':');
    writeDecimal(out, publication.position().offset());
    out.writeBytes(TIME);
    writeDecimal(out, publication.timeMillis());
    Payload payload = publication.payload();
    if (payload.trace().isPresent()) {
      writeTrace(out, payload.trace().get());
    }
    switch (payload.type()) {
      case TEXT -> {
        out.writeBytes(DATA);
        writeString(out, payload);
      }
      case JSON -> {
        out.writeBytes(DATA);
        writeRaw(out, payload);
      }
      case BINARY -> {
        out.writeBytes(BASE64);
        out.writeBytes(Base64.getEncoder().encode(payload.toByteArray()));
        out.writeByte('"');
      }
    }
    out.writeByte('}');
  }

  /** Writes the payload's bytes as they are. */
  public static void writeRaw(ByteBuf out, Payload payload) {
    writeRange(out, payload, 0, payload.size());
  }

  /** Writes text as a JSON string with its quotes. */
  public static void writeString(ByteBuf out, String text) {
    writeString(out, Payload.text(text));
  }

  /** The text as a JSON string with its quotes. */
  public static String escape(String text) {
    ByteBuf out = Unpooled.buffer(text.length() + 16);
    writeString(out, text);
    return out.toString(UTF_8);
  }

  /** Writes a number that is not negative. */
  public static void writeDecimal(ByteBuf out, long value) {
    byte[] text = new byte[digits(value)];
    long rest = value;
    for (int i = text.length - 1; i >= 0; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    out.writeBytes(text);
  }

  /** How many digits a number that is not negative has. */
  public static int digits(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static void writeString(ByteBuf out, Payload text) {
    int size = text.size();
    out.ensureWritable(size + 2);
    out.writeByte('"');
    int plainFrom = 0;
    for (int i = 0; i < size; i++) {
      byte b = text.byteAt(i);
      if (isEscaped(b)) {
        writeRange(out, text, plainFrom, i - plainFrom);
        writeEscaped(out, b);
        plainFrom = i + 1;
      }
    }
    writeRange(out, text, plainFrom, size - plainFrom);
    out.writeByte('"');
  }

  static void writeRange(ByteBuf out, Payload payload, int from, int length) {
    out.ensureWritable(length);
    payload.writeTo(out.internalNioBuffer(out.writerIndex(), length), from, length);
    out.writerIndex(out.writerIndex() + length);
  }

  private static int stringLength(Payload text) {
    int length = text.size() + 2;
    for (int i = 0; i < text.size(); i++) {
      byte b = text.byteAt(i);
      if (isEscaped(b)) {
        length += escapeLength(b) - 1;
      }
    }
    return length;
  }

  private static boolean isEscaped(byte b) {
    return (b >= 0 && b < 0x20) || b == '"' || b == '\\';
  }

  private static int escapeLength(byte b) {
    return b == '"' || b == '\\' || b == '\n' || b == '\r' || b == '\t' ? 2 : 6;
  }

  private static void writeEscaped(ByteBuf out, byte b) {
    out.writeByte('\\');
    switch (b) {
      case '"', '\\' -> out.writeByte(b);
      case '\n' -> out.writeByte('n');
      case '\r' -> out.writeByte('r');
      case '\t' -> out.writeByte('t');
      default -> {
        ByteBufUtil.writeAscii(out, "u00");
        out.writeByte(HEX[b >> 4]);
        out.writeByte(HEX[b & 15]);
      }
    }
  }
}
