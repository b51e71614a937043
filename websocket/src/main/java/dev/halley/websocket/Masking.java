package dev.halley.websocket;

import java.nio.ByteBuffer;

/**
 * The masking of client frames (RFC 6455 section 5.3): byte i of the payload is combined with byte
 * i mod 4 of the key. Masking and unmasking are the same.
 *
 * <p>A key is an int whose highest byte is for the next byte of payload. So nobody has to remember
 * how far into the payload he is: after n bytes the key to go on with is {@link #after}.
 */
final class Masking {
  private Masking() {}

  /** Masks or unmasks the bytes from {@code from} to before {@code to} where they are. */
  static void apply(ByteBuffer buffer, int from, int to, int key) {
    if (key == 0) {
      return;
    }
    long keyTwice = (long) key << 32 | (key & 0xffff_ffffL);
    long word = BigEndian.isOrderOf(buffer) ? keyTwice : Long.reverseBytes(keyTwice);
    int at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      buffer.putLong(at, buffer.getLong(at) ^ word);
    }
    for (int rest = key; at < to; at++, rest = after(1, rest)) {
      buffer.put(at, (byte) (buffer.get(at) ^ (rest >>> 24)));
    }
  }

  /** The key for what follows {@code length} bytes that {@code key} was applied to. */
  static int after(int length, int key) {
    return Integer.rotateLeft(key, length * Byte.SIZE);
  }
}
