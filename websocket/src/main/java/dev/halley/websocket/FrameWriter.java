package dev.halley.websocket;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/** Payloads in, frames out; a client's are masked, each with a new key (RFC 6455 section 5.3). */
final class FrameWriter {
  /** What all servers share. */
  static final FrameWriter SERVER = new FrameWriter(0, () -> 0);

  private final int maskBit;
  private final IntSupplier maskKeys;

  private FrameWriter(int maskBit, IntSupplier maskKeys) {
    this.maskBit = maskBit;
    this.maskKeys = maskKeys;
  }

  static FrameWriter client(IntSupplier maskKeys) {
    return new FrameWriter(FrameHeader.MASK, maskKeys);
  }

  int length(int payloadLength) {
    return Math.addExact(payloadLength, FrameHeader.length(payloadLength) + keyBytes());
  }

  /** Writes a final frame; the payload buffer's position stays as it is. */
  void write(int opcode, ByteBuffer payload, int offset, int length, ByteBuffer out) {
    int begin = out.position();
    int end = begin + length(length);
    if (end > out.limit()) {
      throw new BufferOverflowException();
    }
    FrameHeader.write(out, begin, opcode, true, length);
    out.put(end - length, payload, offset, length);
    if (maskBit != 0) {
      int key = maskKeys.getAsInt();
      out.put(begin + 1, (byte) (out.get(begin + 1) | maskBit));
      BigEndian.putInt(out, end - length - FrameHeader.KEY_LENGTH, key);
      Masking.apply(out, end - length, end, key);
    }
    out.position(end);
  }

  private int keyBytes() {
    return maskBit == 0 ? 0 : FrameHeader.KEY_LENGTH;
  }
}
