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

/** WebSocket without a subprotocol: each frame is the bare payload. */
public final class RawForm implements WireForm {
  /** With frames that aren't compressed. */
  public static final RawForm PLAIN = new RawForm(FrameEncoder.PLAIN);

  private static final int PLAIN_INDEX = 0;
  private static final int COMPRESSED_INDEX = 4;

  private final FrameEncoder frames;

  /** A form with the frames that an encoder writes. */
  public RawForm(FrameEncoder frames) {
    this.frames = frames;
  }

  @Override
  public int index() {
    return frames.compresses() ? COMPRESSED_INDEX : PLAIN_INDEX;
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
    try {
      ByteBuffer bytes = out.internalNioBuffer(0, length);
      int start = bytes.position();
      for (int i = 0; i < publications.size(); i++) {
        Payload payload = publications.get(i).payload();
        frames.write(opcode(payload), payload, bytes);
      }
      return out.writerIndex(bytes.position() - start);
    } catch (Throwable e) {
      out.release();
      throw e;
    }
  }

  private static int opcode(Payload payload) {
    return switch (payload.type()) {
      case TEXT, JSON -> Opcode.TEXT;
      case BINARY -> Opcode.BINARY;
    };
  }
}
