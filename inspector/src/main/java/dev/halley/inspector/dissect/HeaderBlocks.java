package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Header blocks of one direction (RFC 7541). All of them have to be decoded, in their order, as
 * each may refer to those before.
 */
final class HeaderBlocks {
  /** What a table may grow to if it is told to: nobody announces more. */
  private static final long MOST_TABLE = 1 << 20;

  private final boolean showSecrets;
  private final DefaultHttp2HeadersDecoder decoder =
      new DefaultHttp2HeadersDecoder(false, HttpDissector.MOST_HEAD);
  private boolean isLost;

  HeaderBlocks(boolean showSecrets) {
    this.showSecrets = showSecrets;
    try {
      decoder.configuration().maxHeaderTableSize(MOST_TABLE);
    } catch (Http2Exception e) {
      throw new IllegalStateException("Tables may be that large", e);
    }
  }

  /** Whether no block can be decoded any more. */
  boolean isLost() {
    return isLost;
  }

  /** Nobody knows what blocks refer to from here on. */
  void lose() {
    isLost = true;
  }

  /** The fields of a block, secrets masked; empty if they can't be had. */
  Optional<List<Header>> decode(ByteBuffer block) {
    if (isLost) {
      return Optional.empty();
    }
    try {
      Http2Headers decoded = decoder.decodeHeaders(0, Unpooled.wrappedBuffer(block));
      List<Header> fields = new ArrayList<>();
      for (Map.Entry<CharSequence, CharSequence> field : decoded) {
        fields.add(field(field.getKey().toString(), field.getValue().toString()));
      }
      return Optional.of(List.copyOf(fields));
    } catch (Http2Exception.HeaderListSizeException e) {
      return Optional.empty(); // too much to be shown, but what is in the table is right
    } catch (Http2Exception | RuntimeException e) {
      isLost = true;
      return Optional.empty();
    }
  }

  private Header field(String name, String value) {
    if (showSecrets) {
      return new Header(name, value);
    }
    byte[] line = (name + ':' + value).replace('\n', ' ').replace('\r', ' ').getBytes(ISO_8859_1);
    HeadSecrets.mask(line, line.length);
    int from = name.length() + 1;
    return new Header(name, new String(line, from, line.length - from, ISO_8859_1));
  }

  /**
   * A block with these fields that refers to none before, for a file in which secrets are masked.
   */
  static byte[] encode(List<Header> fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    fields.forEach(
        field -> headers.add(HeadSecrets.nameInFile(field.name(), field.value()), field.value()));
    ByteBuf out = Unpooled.buffer();
    try {
      new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.ALWAYS_SENSITIVE)
          .encodeHeaders(0, headers, out);
      return ByteBufUtil.getBytes(out);
    } catch (Http2Exception e) {
      throw new IllegalStateException("What was decoded can be encoded", e);
    }
  }
}
