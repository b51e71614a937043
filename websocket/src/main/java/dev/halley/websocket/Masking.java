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
public final class Masking {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Masking() {}

  /**
   * Masks or unmasks the bytes from {@code from} to before {@code to} where they are.
   *
   * @param key whose highest byte is for the byte at {@code from}
   */
  public static void apply(ByteBuffer buffer, int from, int to, int key) {
    if (key == 0) {
      return;
    }
    if (to - from < Long.BYTES) {
      applyToBytes(buffer, from, to, key);
    } else if (to - from <= 4 * Long.BYTES) {
      applyToWords(buffer, from, to - Long.BYTES, key);
    } else if (buffer.hasArray()) {
      // One loop for both kinds of buffer would choose between them at each word.
      int offset = buffer.arrayOffset();
      applyToArray(buffer.array(), offset + from, offset + to, key);
    } else {
      applyToMemory(buffer, from, to, key);
    }
  }

  /** The key for what follows {@code length} bytes that {@code key} was applied to. */
  public static int after(int length, int key) {
    return Integer.rotateLeft(key, length * Byte.SIZE);
  }

  private static void applyToBytes(ByteBuffer buffer, int from, int to, int key) {
    for (int at = from, rest = key; at < to; at++, rest = after(1, rest)) {
      buffer.put(at, (byte) (buffer.get(at) ^ (rest >>> 24)));
    }
  }

  /** Two to four words, without what a loop costs before it is under way. */
  private static void applyToWords(ByteBuffer buffer, int from, int last, int key) {
    boolean bigEndian = BigEndian.isOrderOf(buffer);
    long word = twice(bigEndian ? key : Integer.reverseBytes(key));
    int keyOfLast = after(last - from, key);
    long lastWord =
        buffer.getLong(last) ^ twice(bigEndian ? keyOfLast : Integer.reverseBytes(keyOfLast));
    buffer.putLong(from, buffer.getLong(from) ^ word);
    int second = from + Long.BYTES;
    if (second < last) {
      buffer.putLong(second, buffer.getLong(second) ^ word);
      int third = second + Long.BYTES;
      if (third < last) {
        buffer.putLong(third, buffer.getLong(third) ^ word);
      }
    }
    buffer.putLong(last, lastWord);
  }

  /**
   * The last word overlaps the one before it, unless the length is a multiple of a word's. So it is
   * read before that one is changed.
   */
  private static void applyToArray(byte[] array, int from, int to, int key) {
    int last = to - Long.BYTES;
    long lastWord = (long) WORDS.get(array, last) ^ littleEndian(after(last - from, key));
    long word = littleEndian(key);
    for (int at = from; at < last; at += Long.BYTES) {
      WORDS.set(array, at, (long) WORDS.get(array, at) ^ word);
    }
    WORDS.set(array, last, lastWord);
  }

  private static void applyToMemory(ByteBuffer buffer, int from, int to, int key) {
    // No word has to be turned around to be in the order of the processor.
    ByteOrder order = buffer.order();
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    int last = to - Long.BYTES;
    long lastWord = buffer.getLong(last) ^ littleEndian(after(last - from, key));
    long word = littleEndian(key);
    for (int at = from; at < last; at += Long.BYTES) {
      buffer.putLong(at, buffer.getLong(at) ^ word);
    }
    buffer.putLong(last, lastWord);
    buffer.order(order);
  }

  private static long littleEndian(int key) {
    return Long.reverseBytes(twice(key));
  }

  private static long twice(int key) {
    return (long) key << 32 | (key & 0xffff_ffffL);
  }
}
