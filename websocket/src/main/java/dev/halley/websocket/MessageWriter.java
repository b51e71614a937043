package dev.halley.websocket;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Messages in, whole or in parts, frames out; of one connection. */
final class MessageWriter {
  private final FrameWriter frames;
  private final @Nullable MessageDeflater deflater;
  private final int threshold;

  private boolean isInParts;
  private @Nullable MessageDeflater partDeflater;

  MessageWriter(FrameWriter frames) {
    this.frames = frames;
    deflater = null;
    threshold = Integer.MAX_VALUE;
  }

  /**
   * One that compresses.
   *
   * @param threshold whole messages with fewer bytes are sent as they are
   */
  MessageWriter(FrameWriter frames, MessageDeflater deflater, int threshold) {
    this.frames = frames;
    this.deflater = deflater;
    this.threshold = threshold;
  }

  /** For frames that are no part of a message. */
  FrameWriter frames() {
    return frames;
  }

  void write(int opcode, ByteBuffer payload, ByteBuffer out) {
    if (isInParts) {
      throw new IllegalStateException("The message before must be sent to its last part");
    }
    boolean written =
        deflater != null
            && payload.remaining() >= threshold
            && frames.writeCompressed(opcode, payload, deflater, out);
    if (!written) {
      frames.writePart(opcode, true, payload, out);
    }
  }

  int partLength(int payloadLength) {
    return frames.length(
        deflater == null ? payloadLength : MessageDeflater.mostForPart(payloadLength));
  }

  void writePart(int messageOpcode, ByteBuffer part, boolean last, ByteBuffer out) {
    int opcode = isInParts ? Opcode.CONTINUATION : messageOpcode;
    if (deflater == null) {
      frames.writePart(opcode, last, part, out);
    } else {
      if (partDeflater == null) {
        partDeflater = deflater.forParts();
      }
      frames.writeCompressedPart(opcode, last, part, partDeflater, out);
      partDeflater = last ? null : partDeflater;
    }
    isInParts = !last;
  }

  /** Gives up what is held. */
  void release() {
    if (partDeflater != null) {
      partDeflater.release();
    }
    if (deflater != null) {
      deflater.release();
    }
  }
}
