package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers in network byte order at any index of a buffer, whatever order the buffer is set to. */
final class BigEndian {
  private BigEndian() {}

  static int getShort(ByteBuffer buffer, int index) {
    return (buffer.get(index) & 0xff) << 8 | (buffer.get(index + 1) & 0xff);
  }

  static int getInt(ByteBuffer buffer, int index) {
    int value = buffer.getInt(index);
    return isOrderOf(buffer) ? value : Integer.reverseBytes(value);
  }

  static void putInt(ByteBuffer buffer, int index, int value) {
    buffer.putInt(index, isOrderOf(buffer) ? value : Integer.reverseBytes(value));
  }

  static long getLong(ByteBuffer buffer, int index) {
    long value = buffer.getLong(index);
    return isOrderOf(buffer) ? value : Long.reverseBytes(value);
  }

  static void putLong(ByteBuffer buffer, int index, long value) {
    buffer.putLong(index, isOrderOf(buffer) ? value : Long.reverseBytes(value));
  }

  static boolean isOrderOf(ByteBuffer buffer) {
    return buffer.order() == ByteOrder.BIG_ENDIAN;
  }
}
