package dev.halley.benchmarks;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/** Before anything is measured: all contestants decode and encode the same. */
final class Agreement {
  private static final List<String> DECODERS =
      List.of(
          Contestants.HALLEY,
          Contestants.HALLEY_HEAP,
          Contestants.NETTY,
          Contestants.JETTY,
          Contestants.UNDERTOW);
  private static final List<String> ENCODERS =
      List.of(Contestants.HALLEY, Contestants.NETTY, Contestants.JETTY, Contestants.UNDERTOW);
  private static final int ROUNDS = 3;

  private Agreement() {}

  /**
   * Runs each contestant some times.
   *
   * @throws IllegalStateException if one decodes or encodes something else
   */
  static void check() throws Exception {
    checkDecoders(Wire.binary(1, DecodeBenchmark.LARGE), false);
    checkDecoders(Wire.binary(DecodeBenchmark.SMALL_FRAMES, DecodeBenchmark.SMALL), false);
    checkDecoders(Wire.text(Texts.chinese(DecodeBenchmark.TEXT)), true);
    checkEncoders(64, "8240");
    checkEncoders(1024, "827e0400");
  }

  private static void checkDecoders(Wire wire, boolean isText) throws Exception {
    CRC32 expected = new CRC32();
    for (int round = 0; round < ROUNDS; round++) {
      expected.update(wire.payloads());
    }
    for (String name : DECODERS) {
      try (Decoder decoder = Contestants.decoder(name, wire, isText, true)) {
        for (int round = 0; round < ROUNDS; round++) {
          decoder.decode();
        }
        require(decoder.checksum() == expected.getValue(), name + " decodes something else");
      }
    }
  }

  private static void checkEncoders(int length, String header) throws Exception {
    byte[] payload = EncodeBenchmark.payload(length);
    byte[] head = HexFormat.of().parseHex(header);
    ByteBuffer expected = ByteBuffer.allocate(head.length + length).put(head).put(payload).flip();
    for (String name : ENCODERS) {
      encodeAndCompare(name, payload, expected);
    }
  }

  private static void encodeAndCompare(String name, byte[] payload, ByteBuffer expected)
      throws Exception {
    try (Encoder encoder = Contestants.encoder(name, payload)) {
      for (int round = 0; round < ROUNDS; round++) {
        byte last = encoder.encode();
        require(last == payload[payload.length - 1], name + " writes another payload");
        require(encoder.frame().equals(expected), name + " encodes something else");
      }
    }
  }

  private static void require(boolean isAsExpected, String otherwise) {
    if (!isAsExpected) {
      throw new IllegalStateException(otherwise);
    }
  }
}
