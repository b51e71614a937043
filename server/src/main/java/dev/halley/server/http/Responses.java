package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.wire.JsonText;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/**
 * HTTP/1.1 responses as bytes, each in one buffer with its body. Field values come from the server
 * itself, or from requests whose field values the decoder has checked for CR, LF and NUL.
 */
public final class Responses {
  /** What is published is what its type says, and no browser looks for something else in it. */
  static final Header NO_SNIFF = new Header("x-content-type-options", "nosniff");

  private static final byte[] NO_SNIFF_LINE =
      "\r\nX-Content-Type-Options: nosniff".getBytes(US_ASCII);

  private static final byte[] VERSION = "HTTP/1.1 ".getBytes(US_ASCII);

  private static final ByteBuf HEAD_END =
      Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", US_ASCII)).asReadOnly();

  /** Interim answers have none, nor has what opens a WebSocket. */
  static final int FIRST_WITH_DATE = 200;

  private Responses() {}

  /** A head without anything that says where the body ends: for streams and upgrades. */
  public static void writeHead(ByteBuf out, HttpResponseStatus status, List<Header> headers) {
    writeHead(out, status, headers, true);
  }

  static void writeHead(
      ByteBuf out, HttpResponseStatus status, List<Header> headers, boolean keepAlive) {
    writeStatusAndFields(out, status, headers, keepAlive);
    ByteBufUtil.writeAscii(out, "\r\n\r\n");
  }

  /** A whole response. {@code body} is released. */
  public static ByteBuf encode(
      ByteBufAllocator allocator,
      HttpResponseStatus status,
      List<Header> headers,
      boolean keepAlive,
      ByteBuf body) {
    try {
      int length = body.readableBytes();
      ByteBuf out = allocator.directBuffer(512 + length);
      try {
        writeStatusAndFields(out, status, headers, keepAlive);
        if (hasBody(status)) {
          ByteBufUtil.writeAscii(out, "\r\nContent-Length: ");
          JsonText.writeDecimal(out, length);
        }
        ByteBufUtil.writeAscii(out, "\r\n\r\n");
        out.writeBytes(body);
        return out;
      } catch (Throwable e) {
        out.release();
        throw e;
      }
    } finally {
      body.release();
    }
  }

  /** Cuts off the body of a whole response, whose length stays in its head. */
  static ByteBuf headOf(ByteBuf response) {
    int end = ByteBufUtil.indexOf(HEAD_END, response);
    ByteBuf head =
        response.readRetainedSlice(end - response.readerIndex() + HEAD_END.readableBytes());
    response.release();
    return head;
  }

  /**
   * {@code {"error":{"code":…,"message":…}}} with a line's end, for people who read it in a
   * terminal. The channels that are refused are named if the others would not be.
   */
  static ByteBuf errorBody(ByteBufAllocator allocator, HttpError error) {
    int code = error.status().code();
    ByteBuf body = allocator.buffer();
    try {
      body.writeCharSequence("{\"error\":{\"code\":" + code + ",\"message\":", UTF_8);
      JsonText.writeString(body, error.rule());
      body.writeCharSequence(JsonText.channelsProperty(error.channels()), UTF_8);
      body.writeCharSequence("}}\n", UTF_8);
      return body;
    } catch (Throwable e) {
      body.release();
      throw e;
    }
  }

  /** Neither 204 nor 304 has a body or says how long it is (RFC 9110 section 8.6). */
  static boolean hasBody(HttpResponseStatus status) {
    return status.code() != 204 && status.code() != 304;
  }

  private static void writeStatusAndFields(
      ByteBuf out, HttpResponseStatus status, List<Header> headers, boolean keepAlive) {
    out.writeBytes(VERSION);
    ByteBufUtil.writeAscii(out, status.codeAsText());
    out.writeByte(' ');
    ByteBufUtil.writeAscii(out, status.reasonPhrase());
    if (status.code() >= 200) {
      out.writeBytes(NO_SNIFF_LINE);
    }
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      if (!header.name().equalsIgnoreCase(NO_SNIFF.name())) {
        field(out, header.name(), header.value());
      }
    }
    if (status.code() >= FIRST_WITH_DATE) {
      out.writeBytes(HttpDate.now().line());
    }
    if (!keepAlive) {
      field(out, "Connection", "close");
    }
  }

  private static void field(ByteBuf out, String name, String value) {
    ByteBufUtil.writeAscii(out, "\r\n");
    ByteBufUtil.writeAscii(out, name);
    ByteBufUtil.writeAscii(out, ": ");
    ByteBufUtil.writeAscii(out, value);
  }
}
