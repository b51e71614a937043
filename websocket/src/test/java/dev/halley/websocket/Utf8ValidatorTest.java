package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The JDK's decoder is the reference. */
class Utf8ValidatorTest {
  private static final int[] BOUNDARIES = {
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
    0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
  };

  /** What makes any beginning of a character a whole one, if that is possible. */
  private static final byte[][] ENDINGS = {
    Side.hex(""),
    Side.hex("80"),
    Side.hex("8080"),
    Side.hex("a080"),
    Side.hex("808080"),
    Side.hex("908080")
  };

  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer chars = CharBuffer.allocate(64);

  private static int validate(byte... bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return Utf8Validator.advance(Utf8Validator.COMPLETE, buffer, 0, bytes.length);
  }

  /** The JDK's decoder doesn't fail before a character is whole, so all endings are tried. */
  private void assertAsTheJdk(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length + 3);
    for (int value : values) {
      bytes.put((byte) value);
    }
    int state = Utf8Validator.advance(Utf8Validator.COMPLETE, bytes, 0, values.length);
    boolean broken = true;
    for (byte[] ending : ENDINGS) {
      bytes.clear().position(values.length).put(ending).flip();
      boolean valid = isValid(bytes);
      broken &= !valid;
      if (ending.length == 0 && valid != (state == Utf8Validator.COMPLETE)) {
        throw new AssertionError(Arrays.toString(values) + ": " + state);
      }
    }
    if (broken != (state == Utf8Validator.BROKEN)) {
      throw new AssertionError(Arrays.toString(values) + ": " + state);
    }
  }

  private boolean isValid(ByteBuffer bytes) {
    return !decoder.reset().decode(bytes, chars.clear(), true).isError();
  }

  @Test
  void allOfTwoBytesAreAsTheJdkSays() {
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        assertAsTheJdk(first, second);
      }
    }
  }

  @Test
  void allBoundariesOfFourBytesAreAsTheJdkSays() {
    for (int first : BOUNDARIES) {
      for (int second : BOUNDARIES) {
        for (int third : BOUNDARIES) {
          for (int fourth : BOUNDARIES) {
            assertAsTheJdk(first, second, third, fourth);
          }
        }
      }
    }
  }

  @Test
  void allCharactersAreValidWhereverTheyStand() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    for (int shift = 0; shift < 8; shift++) {
      byte[] bytes = ("a".repeat(shift) + all).getBytes(StandardCharsets.UTF_8);
      assertThat(validate(bytes)).isEqualTo(Utf8Validator.COMPLETE);
    }
  }

  @Test
  void aBadByteIsFoundWhereverItStands() {
    for (int length = 1; length < 40; length++) {
      for (int bad = 0; bad < length; bad++) {
        byte[] bytes = "a".repeat(length).getBytes(StandardCharsets.US_ASCII);
        bytes[bad] = (byte) 0x80;
        assertThat(validate(bytes)).isEqualTo(Utf8Validator.BROKEN);
      }
    }
  }

  @Test
  void theRemainingBytesOfABufferAreValidOrNot() {
    ByteBuffer text = ByteBuffer.wrap(Side.hex("ff 61c3a9 c3"), 1, 3);
    assertThat(Utf8Validator.isValid(text)).isTrue();
    assertThat(text.position()).isEqualTo(1);
    assertThat(Utf8Validator.isValid(text.limit(5))).isFalse();
    assertThat(Utf8Validator.isValid(text.position(0))).isFalse();
  }

  @Test
  void cutsAndByteOrdersDoNotMatter() {
    Random random = new Random(1);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = randomText(random);
      int whole = validate(bytes);
      ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
      buffer.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      int state = Utf8Validator.COMPLETE;
      for (int at = 0; at < bytes.length; ) {
        int next = Math.min(bytes.length, at + random.nextInt(20));
        state = Utf8Validator.advance(state, buffer, at, next);
        at = next;
      }
      assertThat(state).isEqualTo(whole);
    }
  }

  private static byte[] randomText(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(60);
    while (text.length() < length) {
      text.append("a".repeat(random.nextInt(12))).appendCodePoint(0xd0000 >>> random.nextInt(20));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(4) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
