package dev.halley.loadgen;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Random;

/** Payloads that compress as what applications send does. */
final class Payloads {
  private static final int NUMBERS = 16;

  private Payloads() {}

  /** Room for two numbers, and then JSON up to the size. */
  static ByteBuffer json(int size) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    while (text.length() < size) {
      text.append("{\"id\":")
          .append(random.nextInt(1_000_000))
          .append(",\"user\":\"u")
          .append(random.nextInt(10_000))
          .append("\",\"price\":")
          .append(random.nextInt(100_000) / 100.0)
          .append(",\"state\":\"open\",\"tags\":[\"new\",\"sale\"]},");
    }
    byte[] json = text.toString().getBytes(UTF_8);
    ByteBuffer payload = ByteBuffer.allocate(size);
    return payload.put(NUMBERS, json, 0, size - NUMBERS);
  }
}
