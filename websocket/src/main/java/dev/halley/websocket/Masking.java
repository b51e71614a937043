package dev.halley.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The masking of client frames (RFC 6455 section 5.3): byte i of the payload is combined with byte
 * i mod 4 of the key. Masking and unmasking are the same.
 *
 * <p>A key is an int whose highest byte is for the next byte of payload. So nobody has to remember
 * how far into the payload he is: after n bytes the key to go on with is {@link #after}.
 */
final class Masking {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Masking() {}

  /** Masks or unmasks the bytes from {@code from} to before {@code to} where they are. */
  static void apply(ByteBuffer buffer, int from, int to, int key) {
    if (key == 0) {
      return;
    }
    // One loop for both kinds of buffer would choose between them at each word.
    if (buffer.hasArray()) {
      int offset = buffer.arrayOffset();
      applyToArray(buffer.array(), offset + from, offset + to, key);
    } else {
      applyToMemory(buffer, from, to, key);
    }
  }

  /** The key for what follows {@code length} bytes that {@code key} was applied to. */
  static int after(int length, int key) {
    return Integer.rotateLeft(key, length * Byte.SIZE);
  }

  private static void applyToArray(byte[] array, int from, int to, int key) {
    long word = Long.reverseBytes(twice(key));
    int at = from;
    for (int lastWord = to - Long.BYTES; at <= lastWord; at += Long.BYTES) {
      WORDS.set(array, at, (long) WORDS.get(array, at) ^ word);
    }
    for (int rest = key; at < to; at++, rest = after(1, rest)) {
      array[at] ^= (byte) (rest >>> 24);
    }
  }

  private static void applyToMemory(ByteBuffer buffer, int from, int to, int key) {
    long word = BigEndian.isOrderOf(buffer) ? twice(key) : Long.reverseBytes(twice(key));
    int at = from;
    for (int lastWord = to - Long.BYTES; at <= lastWord; at += Long.BYTES) {
      buffer.putLong(at, buffer.getLong(at) ^ word);
    }
    for (int rest = key; at < to; at++, rest = after(1, rest)) {
      buffer.put(at, (byte) (buffer.get(at) ^ (rest >>> 24)));
    }
  }

  private static long twice(int key) {
    return (long) key << 32 | (key & 0xffff_ffffL);
  }
}
