package dev.halley.server.wire;

import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.server.hub.WireForm;
import dev.halley.websocket.FrameHeader;
import dev.halley.websocket.Opcode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** WebSocket without a subprotocol: each frame is the bare payload. */
public final class RawForm implements WireForm {
  /** The only one. */
  public static final RawForm INSTANCE = new RawForm();

  /** The same, as {@code Subscriber.sharedForm} wants it. */
  public static final Optional<WireForm> SHARED = Optional.of(INSTANCE);

  private RawForm() {}

  @Override
  public int index() {
    return 0;
  }

  @Override
  public ByteBuf encode(
      ByteBufAllocator allocator, String channel, List<Publication> publications) {
    int length = 0;
    for (int i = 0; i < publications.size(); i++) {
      int size = publications.get(i).payload().size();
      length += FrameHeader.length(size) + size;
    }
    ByteBuf out = allocator.directBuffer(length, length);
    ByteBuffer bytes = out.internalNioBuffer(0, length);
    for (int i = 0; i < publications.size(); i++) {
      Payload payload = publications.get(i).payload();
      FrameHeader.write(bytes, opcode(payload), true, payload.size());
      payload.writeTo(bytes);
    }
    return out.writerIndex(length);
  }

  private static int opcode(Payload payload) {
    return switch (payload.type()) {
      case TEXT, JSON -> Opcode.TEXT;
      case BINARY -> Opcode.BINARY;
    };
  }
}
