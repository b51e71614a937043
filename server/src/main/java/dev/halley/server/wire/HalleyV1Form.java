package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Publication;
import dev.halley.server.hub.WireForm;
import dev.halley.websocket.FrameHeader;
import dev.halley.websocket.Opcode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** WebSocket with the subprotocol {@code halley.v1}: JSON text frames. */
public final class HalleyV1Form implements WireForm {
  /** The only one. */
  public static final HalleyV1Form INSTANCE = new HalleyV1Form();

  /** The same, as {@code Subscriber.sharedForm} wants it. */
  public static final Optional<WireForm> SHARED = Optional.of(INSTANCE);

  private HalleyV1Form() {}

  @Override
  public int index() {
    return 1;
  }

  @Override
  public ByteBuf encode(
      ByteBufAllocator allocator, String channel, List<Publication> publications) {
    int length = 0;
    for (int i = 0; i < publications.size(); i++) {
      int json = JsonText.publicationLength(channel, publications.get(i));
      length += FrameHeader.length(json) + json;
    }
    ByteBuf out = allocator.directBuffer(length, length);
    for (int i = 0; i < publications.size(); i++) {
      Publication publication = publications.get(i);
      writeHeader(out, JsonText.publicationLength(channel, publication));
      JsonText.writePublication(out, channel, publication);
    }
    return out;
  }

  /** A frame with {@code json}. */
  public static ByteBuf encode(ByteBufAllocator allocator, String json) {
    int length = ByteBufUtil.utf8Bytes(json);
    ByteBuf out = allocator.directBuffer(FrameHeader.length(length) + length);
    writeHeader(out, length);
    out.writeCharSequence(json, UTF_8);
    return out;
  }

  private static void writeHeader(ByteBuf out, int payloadLength) {
    int length = FrameHeader.length(payloadLength);
    ByteBuffer header = out.internalNioBuffer(out.writerIndex(), length);
    FrameHeader.write(header, Opcode.TEXT, true, payloadLength);
    out.writerIndex(out.writerIndex() + length);
  }
}
