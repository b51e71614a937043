package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MaskingTest {
  private static final int KEY = 0x81427fc3;

  @Test
  void byteIIsCombinedWithByteIMod4OfTheKey() {
    Random random = new Random(1);
    for (int length = 0; length < 40; length++) {
      for (int from = 0; from < 9; from++) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
          byte[] bytes = new byte[length + 20];
          random.nextBytes(bytes);
          ByteBuffer heap = ByteBuffer.allocate(bytes.length + 5).slice(5, bytes.length);
          heap.put(0, bytes).order(order);
          ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).order(order);
          Masking.apply(heap, from, from + length, KEY);
          Masking.apply(direct, from, from + length, KEY);
          assertThat(heap).isEqualTo(ByteBuffer.wrap(plain(bytes, from, length)));
          assertThat(direct.flip()).isEqualTo(heap);
        }
      }
    }
  }

  @Test
  void aCutAnywhereDoesNotMatter() {
    byte[] bytes = new byte[30];
    for (int cut = 0; cut <= bytes.length; cut++) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes.clone());
      Masking.apply(buffer, 0, cut, KEY);
      Masking.apply(buffer, cut, bytes.length, Masking.after(cut, KEY));
      assertThat(buffer.array()).isEqualTo(plain(bytes, 0, bytes.length));
    }
  }

  private static byte[] plain(byte[] bytes, int from, int length) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < length; i++) {
      masked[from + i] ^= (byte) (KEY >>> (24 - i % 4 * 8));
    }
    return masked;
  }
}
