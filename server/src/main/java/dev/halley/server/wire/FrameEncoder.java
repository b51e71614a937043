package dev.halley.server.wire;

import dev.halley.broker.Payload;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.FrameHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes server frames that are the same for many connections, compressed where their clients
 * agreed on it and it makes them smaller. Of one event loop.
 */
public final class FrameEncoder {
  /** Compresses nothing. */
  public static final FrameEncoder PLAIN = new FrameEncoder(null, Integer.MAX_VALUE, 0);

  private final @Nullable DeflatePool pool;
  private final int threshold;
  private final int windowBits;

  private FrameEncoder(@Nullable DeflatePool pool, int threshold, int windowBits) {
    this.pool = pool;
    this.threshold = threshold;
    this.windowBits = windowBits;
  }

  /**
   * An encoder that compresses, for clients without context takeover of the server.
   *
   * @param pool of the event loop
   * @param threshold messages of fewer bytes go as they are
   * @param windowBits the window that the clients agreed on, 8 to 15
   */
  public static FrameEncoder compressing(DeflatePool pool, int threshold, int windowBits) {
    return new FrameEncoder(pool, threshold, windowBits);
  }

  boolean compresses() {
    return pool != null;
  }

  /** Whether a message of so many bytes is worth it. */
  boolean compresses(int length) {
    return length >= threshold;
  }

  /** Writes a payload in one frame; there is room for it uncompressed. */
  void write(int opcode, Payload payload, ByteBuffer out) {
    if (compresses(payload.size())) {
      write(opcode, payload.asByteBuffer(), out);
    } else {
      FrameHeader.write(out, opcode, true, payload.size());
      payload.writeTo(out);
    }
  }

  /** The same with what remains in a buffer. */
  void write(int opcode, ByteBuffer payload, ByteBuffer out) {
    int length = payload.remaining();
    boolean compressed =
        pool != null
            && compresses(length)
            && pool.writeCompressed(opcode, payload, windowBits, out);
    if (!compressed) {
      FrameHeader.write(out, opcode, true, length);
      out.put(payload);
    }
  }
}
