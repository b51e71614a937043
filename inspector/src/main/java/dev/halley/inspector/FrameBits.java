package dev.halley.inspector;

import dev.halley.websocket.FrameHeader;
import java.nio.ByteBuffer;

/**
 * The header of a frame as it was sent (RFC 6455 section 5.2).
 *
 * @param first byte 0
 * @param second byte 1
 * @param length of the payload; negative if the 64-bit form has its top bit set
 * @param key the masking key, 0 without one
 */
public record FrameBits(int first, int second, long length, int key) {
  /** How a frame says how long it is. */
  public enum LengthForm {
    /** In 7 bits. */
    BITS_7,
    /** 126 in the 7 bits, and 16 more. */
    BITS_16,
    /** 127 in the 7 bits, and 64 more. */
    BITS_64
  }

  /** Whether it is its message's last. */
  public boolean fin() {
    return (first & FrameHeader.FIN) != 0;
  }

  /** The three reserved bits as a number: 4 is RSV1. */
  public int rsv() {
    return first >>> 4 & 7;
  }

  /** One of {@link dev.halley.websocket.Opcode}, or a reserved one. */
  public int opcode() {
    return first & FrameHeader.OPCODE;
  }

  /** Whether it is a control frame. */
  public boolean isControl() {
    return (first & FrameHeader.CONTROL) != 0;
  }

  /** Whether the payload is masked. */
  public boolean masked() {
    return (second & FrameHeader.MASK) != 0;
  }

  /** How it says how long it is. */
  public LengthForm form() {
    return switch (second & FrameHeader.LENGTH) {
      case FrameHeader.IN_2_BYTES -> LengthForm.BITS_16;
      case FrameHeader.IN_8_BYTES -> LengthForm.BITS_64;
      default -> LengthForm.BITS_7;
    };
  }

  /** How many bytes of header a frame has whose second byte is this. */
  public static int headerLength(int second) {
    int extended =
        switch (second & FrameHeader.LENGTH) {
          case FrameHeader.IN_2_BYTES -> 2;
          case FrameHeader.IN_8_BYTES -> 8;
          default -> 0;
        };
    return 2 + extended + ((second & FrameHeader.MASK) == 0 ? 0 : FrameHeader.KEY_LENGTH);
  }

  /** The header's bytes. */
  public byte[] header() {
    ByteBuffer out = ByteBuffer.allocate(headerLength(second));
    out.put((byte) first).put((byte) second);
    switch (form()) {
      case BITS_7 -> {}
      case BITS_16 -> out.putShort((short) length);
      case BITS_64 -> out.putLong(length);
    }
    if (masked()) {
      out.putInt(key);
    }
    return out.array();
  }

  /** Reads a header that lies in the array whole. */
  public static FrameBits read(byte[] header) {
    ByteBuffer in = ByteBuffer.wrap(header);
    int first = in.get() & 0xff;
    int second = in.get() & 0xff;
    long length =
        switch (second & FrameHeader.LENGTH) {
          case FrameHeader.IN_2_BYTES -> in.getShort() & 0xffff;
          case FrameHeader.IN_8_BYTES -> in.getLong();
          default -> second & FrameHeader.LENGTH;
        };
    return new FrameBits(first, second, length, (second & FrameHeader.MASK) == 0 ? 0 : in.getInt());
  }
}
