package dev.halley.benchmarks.peers;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What all peers have in common. */
public final class Paths {
  /** Where a message comes back. */
  public static final String ECHO = "/echo";

  /** Where a message goes to all. */
  public static final String BROADCAST = "/broadcast";

  static final String HOST = "127.0.0.1";

  /** Connections that may wait to be accepted, as with Halley. */
  static final int BACKLOG = 4096;

  /** Bytes of the largest message, as with Halley. */
  static final int LARGEST = 1 << 20;

  private Paths() {}

  static InetSocketAddress address(String[] arguments) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port(arguments));
  }

  static int port(String[] arguments) {
    return Integer.parseInt(arguments[0]);
  }
}
