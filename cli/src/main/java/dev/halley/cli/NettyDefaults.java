package dev.halley.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;

/**
 * What Netty would find out by trying, or do that nobody asked for, at the cost of a slow start.
 */
final class NettyDefaults {
  private static final String FLIGHT_RECORDER = "io.netty.jfr.enabled";
  private static final String DIRECT_MEMORY = "io.netty.maxDirectMemory";
  private static final String SELECTORS = "java.nio.channels.spi.SelectorProvider";

  private NettyDefaults() {}

  /** Called before anything of Netty's is used. What the operator has set stays. */
  static void install() {
    InternalLoggerFactory.setDefaultFactory(
        LogConfiguration.isOurs() ? NettyLogger.factory() : JdkLoggerFactory.INSTANCE);
    // Its events start Flight Recorder with the first buffer, whether somebody records or not.
    setDefault(FLIGHT_RECORDER, "false");
    // At the JVM's own limit a buffer waits for the collector, half a second on an event loop.
    // Netty's,
    // a little below it, says no at once. As long as nobody says otherwise the JVM's is the heap's.
    setDefault(DIRECT_MEMORY, Long.toString(Runtime.getRuntime().maxMemory() / 8 * 7));
    // Its epoll opens a selector, and if no provider is named the JDK looks for one in each jar.
    if (System.getProperty("os.name").equals("Linux")) {
      setDefault(SELECTORS, "sun.nio.ch.EPollSelectorProvider");
    }
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
