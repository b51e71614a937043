package dev.halley.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Whether there is a page for the operator at {@code /admin}. */
public enum AdminMode {
  /** Where the server listens on a loopback address only. */
  AUTO,
  /** Wherever it listens; on another than a loopback address there must be an API key. */
  ON,
  /** Nowhere. */
  OFF;

  /** Whether a server with that configuration has the page. */
  public boolean isOnFor(ServerConfig config) {
    return switch (this) {
      case AUTO -> listensOnLoopback(config);
      case ON -> true;
      case OFF -> false;
    };
  }

  /**
   * Checks that strangers can't use the page.
   *
   * @throws IllegalArgumentException with what to change, if they could
   */
  public static void requireSafe(ServerConfig config) {
    if (config.admin() == ON && config.access().apiKey().isEmpty() && !listensOnLoopback(config)) {
      throw new IllegalArgumentException(
          "admin: on needs an API key where the server doesn't listen on a loopback address");
    }
  }

  /** Whether only this machine reaches it. */
  public static boolean listensOnLoopback(ServerConfig config) {
    InetAddress address = new InetSocketAddress(config.network().host(), 0).getAddress();
    return address != null && address.isLoopbackAddress();
  }
}
