package dev.halley.websocket;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * The header of a frame (RFC 6455 section 5.2): its bits, and how one without a mask is written,
 * for drivers that encode one frame for many receivers, or put a header before a payload that
 * stands in a buffer already.
 *
 * <pre>
 *   byte 0                byte 1             then                        then
 *   7   6    5    4  3-0  7     6-0
 *  +---+----+----+----+------+----+---------+---------------------------+----------------------+
 *  |FIN|RSV1|RSV2|RSV3|opcode|MASK| length  | 0-125: no more length     | MASK 1: the 4 bytes  |
 *  |   |    |    |    |      |    |         | 126: it's in the next 2   | of the masking key   |
 *  |   |    |    |    |      |    |         | 127: it's in the next 8   | MASK 0: nothing      |
 *  +---+----+----+----+------+----+---------+---------------------------+----------------------+
 * </pre>
 *
 * <p>Numbers are in network byte order, whatever the order of the buffer is.
 */
public final class FrameHeader {
  /** The longest header of a frame without a mask, in bytes. */
  public static final int MAX_LENGTH = 10;

  /** Byte 0: the frame is its message's last. */
  public static final int FIN = 0x80;

  /** Byte 0: reserved; the message is compressed, if permessage-deflate was agreed on. */
  public static final int RSV1 = 0x40;

  /** Byte 0: reserved. */
  public static final int RSV2 = 0x20;

  /** Byte 0: reserved. */
  public static final int RSV3 = 0x10;

  /** Byte 0: where the opcode is, one of {@link Opcode} or a reserved one. */
  public static final int OPCODE = 0x0f;

  /** The bit that control opcodes have and data opcodes have not. */
  public static final int CONTROL = 0x08;

  /** Byte 1: a masking key follows. */
  public static final int MASK = 0x80;

  /** Byte 1: where the length is, or what stands in its place. */
  public static final int LENGTH = 0x7f;

  /** The longest payload whose length stands in byte 1, and the longest of a control frame. */
  public static final int MAX_SHORT = 125;

  /** In place of the length: it's in the next two bytes. */
  public static final int IN_2_BYTES = 126;

  /** In place of the length: it's in the next eight bytes. */
  public static final int IN_8_BYTES = 127;

  /** The longest payload whose length stands in two bytes. */
  public static final int MAX_IN_2_BYTES = 0xffff;

  /** Bytes of a masking key. */
  public static final int KEY_LENGTH = 4;

  private FrameHeader() {}

  /** How many bytes the header of a frame with so many payload bytes takes: 2, 4 or 10. */
  public static int length(int payloadLength) {
    if (payloadLength <= MAX_SHORT) {
      return 2;
    }
    return payloadLength <= MAX_IN_2_BYTES ? 4 : MAX_LENGTH;
  }

  /**
   * Writes a header at the buffer's position and moves it.
   *
   * @param opcode one of {@link Opcode}
   * @param fin whether the frame is its message's last
   * @param payloadLength in bytes, not negative
   * @throws BufferOverflowException if less than {@link #length} bytes remain
   */
  public static void write(ByteBuffer out, int opcode, boolean fin, int payloadLength) {
    int index = out.position();
    int end = index + length(payloadLength);
    if (end > out.limit()) {
      throw new BufferOverflowException();
    }
    write(out, index, opcode, fin, payloadLength);
    out.position(end);
  }

  /**
   * Writes a header at an index, and leaves the buffer's position as it is. A header that ends
   * where a payload begins starts at the payload's index less {@link #length}.
   *
   * @param index where the header begins
   * @param opcode one of {@link Opcode}
   * @param fin whether the frame is its message's last
   * @param payloadLength in bytes, not negative
   * @throws IndexOutOfBoundsException if the header doesn't lie between 0 and the buffer's limit
   */
  public static void write(ByteBuffer out, int index, int opcode, boolean fin, int payloadLength) {
    writeFirst(out, index, fin ? FIN | opcode : opcode, payloadLength);
  }

  /** Writes a header at an index, given all of its first byte. */
  static void writeFirst(ByteBuffer out, int index, int firstByte, int payloadLength) {
    out.put(index, (byte) firstByte);
    if (payloadLength <= MAX_SHORT) {
      out.put(index + 1, (byte) payloadLength);
    } else if (payloadLength <= MAX_IN_2_BYTES) {
      out.put(index + 1, (byte) IN_2_BYTES);
      out.put(index + 2, (byte) (payloadLength >>> 8));
      out.put(index + 3, (byte) payloadLength);
    } else {
      out.put(index + 1, (byte) IN_8_BYTES);
      BigEndian.putLong(out, index + 2, payloadLength);
    }
  }
}
