package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** What one end of an HTTP/2 connection sends; its header blocks refer to those before. */
final class Http2Bytes {
  static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(UTF_8);

  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  static byte[] data(int stream, boolean end, byte[] payload) {
    return frame(Http2Names.DATA, end ? Http2Names.END_STREAM : 0, stream, payload);
  }

  static byte[] data(int stream, boolean end, String text) {
    return data(stream, end, text.getBytes(UTF_8));
  }

  byte[] headers(int stream, boolean end, String... fields) {
    int flags = Http2Names.END_HEADERS | (end ? Http2Names.END_STREAM : 0);
    return frame(Http2Names.HEADERS, flags, stream, block(fields));
  }

  byte[] get(int stream, String path, String... fields) {
    String[] all = new String[8 + fields.length];
    System.arraycopy(
        new String[] {":method", "GET", ":scheme", "http", ":authority", "h", ":path", path},
        0,
        all,
        0,
        8);
    System.arraycopy(fields, 0, all, 8, fields.length);
    return headers(stream, true, all);
  }

  /** Names and values in turn. */
  byte[] block(String... fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    ByteBuf out = Unpooled.buffer();
    try {
      encoder.encodeHeaders(1, headers, out);
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
    return ByteBufUtil.getBytes(out);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
