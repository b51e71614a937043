package dev.halley.benchmarks;

import java.io.IOException;

/** All who decode and encode, by the names in the table. */
final class Contestants {
  static final String HALLEY = "halley";
  static final String HALLEY_HEAP = "halley-heap";
  static final String NETTY = "netty";
  static final String JETTY = "jetty";
  static final String UNDERTOW = "undertow";
  static final String COPY = "copy";

  private Contestants() {}

  static Decoder decoder(String name, Wire wire, boolean isText, boolean checked)
      throws IOException {
    return switch (name) {
      case HALLEY -> new HalleyDecoder(wire, true, checked);
      case HALLEY_HEAP -> new HalleyDecoder(wire, false, checked);
      case NETTY -> new NettyDecoder(wire, isText, checked);
      case JETTY -> new JettyDecoder(wire, isText, checked);
      case UNDERTOW -> new UndertowDecoder(wire, checked);
      case COPY -> new CopyDecoder(wire);
      default -> throw new IllegalArgumentException(name);
    };
  }

  static Encoder encoder(String name, byte[] payload) throws IOException {
    return switch (name) {
      case HALLEY -> new HalleyEncoder(payload);
      case NETTY -> new NettyEncoder(payload);
      case JETTY -> new JettyEncoder(payload);
      case UNDERTOW -> new UndertowEncoder(payload);
      case COPY -> new CopyEncoder(payload);
      default -> throw new IllegalArgumentException(name);
    };
  }
}
