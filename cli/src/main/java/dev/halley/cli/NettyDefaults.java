package dev.halley.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;

/**
 * What Netty would find out by trying, or do that nobody asked for, at the cost of a slow start.
 */
final class NettyDefaults {
  private static final String FLIGHT_RECORDER = "io.netty.jfr.enabled";
  private static final String SELECTORS = "java.nio.channels.spi.SelectorProvider";

  private NettyDefaults() {}

  /** Called before anything of Netty's is used. What the operator has set stays. */
  static void install() {
    InternalLoggerFactory.setDefaultFactory(
        LogConfiguration.isOurs() ? NettyLogger.factory() : JdkLoggerFactory.INSTANCE);
    // Its events start Flight Recorder with the first buffer, whether somebody records or not.
    setDefault(FLIGHT_RECORDER, "false");
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
