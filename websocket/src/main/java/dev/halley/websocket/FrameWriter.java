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
    return Math.addExact(payloadLength, headerLength(payloadLength));
  }

  /** Writes a final frame; the payload buffer's position stays as it is. */
  void write(int opcode, ByteBuffer payload, int offset, int length, ByteBuffer out) {
    write(FrameHeader.FIN, opcode, payload, offset, length, out);
  }

  /** Writes a frame whose first byte is given; the payload buffer's position stays as it is. */
  private void write(
      int flags, int opcode, ByteBuffer payload, int offset, int length, ByteBuffer out) {
    requireRoom(length(length), out);
    out.put(out.position() + headerLength(length), payload, offset, length);
    complete(flags | opcode, out, length);
  }

  /** Writes a frame that continues or begins a message in parts. */
  void writePart(int opcode, boolean last, ByteBuffer payload, ByteBuffer out) {
    int flags = last ? FrameHeader.FIN : 0;
    write(flags, opcode, payload, payload.position(), payload.remaining(), out);
    payload.position(payload.limit());
  }

  /**
   * Writes a message in one compressed frame, if that is smaller than one that isn't compressed,
   * for which there must be room; else nothing.
   */
  boolean writeCompressed(
      int opcode, ByteBuffer payload, MessageDeflater deflater, ByteBuffer out) {
    requireRoom(length(payload.remaining()), out);
    int at = out.position() + headerLength(payload.remaining());
    int length = deflater.message(payload, out, at);
    if (length < 0) {
      return false;
    }
    moveTo(headerLength(length), at, length, out);
    complete(FrameHeader.FIN | FrameHeader.RSV1 | opcode, out, length);
    payload.position(payload.limit());
    return true;
  }

  /** Writes a frame of a compressed message in parts, for the most of which there must be room. */
  void writeCompressedPart(
      int opcode, boolean last, ByteBuffer payload, MessageDeflater deflater, ByteBuffer out) {
    int most = MessageDeflater.mostForPart(payload.remaining());
    requireRoom(length(most), out);
    int at = out.position() + headerLength(most);
    int length = deflater.part(payload, last, out, at);
    moveTo(headerLength(length), at, length, out);
    // RSV1 belongs to the message's first frame alone (RFC 7692 section 6.1).
    int rsv1 = opcode == Opcode.CONTINUATION ? 0 : FrameHeader.RSV1;
    complete((last ? FrameHeader.FIN : 0) | rsv1 | opcode, out, length);
    payload.position(payload.limit());
  }

  private static void requireRoom(int length, ByteBuffer out) {
    if (length > out.remaining()) {
      throw new BufferOverflowException();
    }
  }

  /** Compressed data is written before it is known how long its frame's header will be. */
  private static void moveTo(int headerLength, int from, int length, ByteBuffer out) {
    int to = out.position() + headerLength;
    if (to != from) {
      out.put(to, out, from, length);
    }
  }

  /** Puts a header before a payload that is in its place, masks it, and moves the position. */
  private void complete(int firstByte, ByteBuffer out, int length) {
    int begin = out.position();
    int end = begin + length(length);
    FrameHeader.writeFirst(out, begin, firstByte, length);
    if (maskBit != 0) {
      int key = maskKeys.getAsInt();
      out.put(begin + 1, (byte) (out.get(begin + 1) | maskBit));
      BigEndian.putInt(out, end - length - FrameHeader.KEY_LENGTH, key);
      Masking.apply(out, end - length, end, key);
    }
    out.position(end);
  }

  private int headerLength(int payloadLength) {
    return FrameHeader.length(payloadLength) + (maskBit == 0 ? 0 : FrameHeader.KEY_LENGTH);
  }
}
