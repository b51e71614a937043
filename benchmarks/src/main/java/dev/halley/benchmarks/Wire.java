package dev.halley.benchmarks;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** What a client sends: masked frames, one after the other, each with a key of its own. */
final class Wire {
  private static final int FINAL_TEXT = 0x81;
  private static final int FINAL_BINARY = 0x82;
  private static final int MASK = 0x80;

  private final byte[] bytes;
  private final int frames;
  private final byte[] payloads;

  private Wire(byte[] bytes, int frames, byte[] payloads) {
    this.bytes = bytes;
    this.frames = frames;
    this.payloads = payloads;
  }

  /** What a server reads at once; nobody may change it. */
  byte[] bytes() {
    return bytes;
  }

  /** How many frames there are. */
  int frames() {
    return frames;
  }

  /** All payloads after each other, unmasked; nobody may change them. */
  byte[] payloads() {
    return payloads;
  }

  /** Binary frames of random bytes. */
  static Wire binary(int frames, int payloadLength) {
    byte[] payload = new byte[frames * payloadLength];
    new Random(1).nextBytes(payload);
    return of(FINAL_BINARY, frames, payload);
  }

  /** One text frame. */
  static Wire text(byte[] utf8) {
    return of(FINAL_TEXT, 1, utf8);
  }

  private static Wire of(int firstByte, int frames, byte[] payloads) {
    Random keys = new Random(2);
    int length = payloads.length / frames;
    ByteBuffer out = ByteBuffer.allocate(frames * (8 + length));
    for (int frame = 0; frame < frames; frame++) {
      out.put((byte) firstByte);
      if (length < 126) {
        out.put((byte) (MASK | length));
      } else {
        out.put((byte) (MASK | 126)).putShort((short) length);
      }
      int key = keys.nextInt();
      out.putInt(key);
      for (int i = 0; i < length; i++) {
        out.put((byte) (payloads[frame * length + i] ^ (key >>> (24 - i % 4 * 8))));
      }
    }
    return new Wire(Arrays.copyOf(out.array(), out.position()), frames, payloads);
  }
}
