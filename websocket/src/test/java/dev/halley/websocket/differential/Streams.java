package dev.halley.websocket.differential;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Random bytes of a peer, most of them frames, many of them wrong in one way. */
final class Streams {
  private static final int[] SIZES = {0, 1, 2, 3, 5, 8, 20, 100, 124, 125, 126, 127, 200, 300};
  private static final int[] LARGE = {65_534, 65_535, 65_536, 69_999, 70_000, 70_001};
  private static final int[] CODES = {
    0, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
    1014, 1015, 1016, 1100, 1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65_535
  };
  private static final String ALPHABET = "aZ09é߿ࠀ世\ud83d\ude80";

  private final Random random;
  private final boolean toServer;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Of the message that has begun, or 0. */
  private int messageOpcode;

  /** What is left of its text. */
  private byte[] text = new byte[0];

  private Streams(Random random, boolean toServer) {
    this.random = random;
    this.toServer = toServer;
  }

  /** A peer's bytes, as a client or a server sends them. */
  static byte[] next(Random random, boolean toServer) {
    Streams stream = new Streams(random, toServer);
    int frames = 1 + random.nextInt(6);
    for (int i = 0; i < frames; i++) {
      stream.frame();
    }
    byte[] bytes = stream.out.toByteArray();
    if (random.nextInt(10) == 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private boolean oneIn(int count) {
    return random.nextInt(count) == 0;
  }

  private void frame() {
    int opcode = opcode();
    boolean control = opcode >= 8;
    boolean fin = control ? !oneIn(30) : !oneIn(3);
    byte[] payload = payload(opcode, fin);
    int reserved = oneIn(40) ? random.nextInt(8) << 4 : 0;
    out.write((fin ? 0x80 : 0) | reserved | opcode);
    boolean masked = toServer != oneIn(40);
    length(payload.length, masked ? 0x80 : 0);
    byte[] key = new byte[4];
    if (masked) {
      random.nextBytes(key);
      out.writeBytes(key);
    }
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ key[i % 4]);
    }
    if (!control) {
      messageOpcode = fin ? 0 : messageOpcode == 0 ? opcode : messageOpcode;
    }
  }

  private int opcode() {
    if (oneIn(40)) {
      return random.nextInt(16);
    }
    if (oneIn(4)) {
      return 9 + random.nextInt(2);
    }
    if (oneIn(8)) {
      return 8;
    }
    return messageOpcode != 0 ? 0 : 1 + random.nextInt(2);
  }

  /** Lengths in their shortest form, most often. */
  private void length(int length, int mask) {
    int form = length < 126 ? 0 : length < 65_536 ? 1 : 2;
    if (oneIn(40)) {
      form = Math.min(2, form + 1 + random.nextInt(2));
    }
    if (form == 0) {
      out.write(mask | length);
    } else if (form == 1) {
      out.write(mask | 126);
      out.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
    } else {
      out.write(mask | 127);
      long wrong = oneIn(20) ? Long.MIN_VALUE : oneIn(20) ? 1L << 32 : 0;
      out.writeBytes(ByteBuffer.allocate(8).putLong(length | wrong).array());
    }
  }

  private byte[] payload(int opcode, boolean fin) {
    if (opcode == 8) {
      return close();
    }
    int size = size(opcode);
    boolean isText = (opcode == 0 ? messageOpcode : opcode) == 1;
    if (!isText || oneIn(20)) {
      byte[] noise = new byte[size];
      random.nextBytes(noise);
      return noise;
    }
    return text(size, fin);
  }

  private int size(int opcode) {
    if (oneIn(60)) {
      return LARGE[random.nextInt(LARGE.length)];
    }
    int size = SIZES[random.nextInt(SIZES.length)];
    return opcode > 8 && !oneIn(20) ? Math.min(size, 125) : size;
  }

  /** UTF-8, which a frame that isn't final may end within a character. */
  private byte[] text(int size, boolean fin) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(text);
    while (bytes.size() < size) {
      int at = random.nextInt(ALPHABET.codePointCount(0, ALPHABET.length()));
      int codePoint = ALPHABET.codePointAt(ALPHABET.offsetByCodePoints(0, at));
      bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
    }
    byte[] all = bytes.toByteArray();
    int cut = fin ? all.length : Math.min(size, all.length);
    text = Arrays.copyOfRange(all, cut, all.length);
    return Arrays.copyOf(all, cut);
  }

  private byte[] close() {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    if (oneIn(5)) {
      return new byte[random.nextInt(2)];
    }
    int code = CODES[random.nextInt(CODES.length)];
    payload.write(code >>> 8);
    payload.write(code);
    if (oneIn(6)) {
      byte[] noise = new byte[1 + random.nextInt(8)];
      random.nextBytes(noise);
      payload.writeBytes(noise);
    } else {
      payload.writeBytes("gruß".repeat(random.nextInt(28)).getBytes(StandardCharsets.UTF_8));
    }
    return payload.toByteArray();
  }
}
