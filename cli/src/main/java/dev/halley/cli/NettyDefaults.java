package dev.halley.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;

/**
 * What Netty would find out by trying, or do that nobody asked for, at the cost of a slow start.
 */
final class NettyDefaults {
  private static final String FLIGHT_RECORDER = "io.netty.jfr.enabled";

  private NettyDefaults() {}

  /** Called before anything of Netty's is used. What the operator has set stays. */
  static void install() {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    // Its events start Flight Recorder with the first buffer, whether somebody records or not.
    if (System.getProperty(FLIGHT_RECORDER) == null) {
      System.setProperty(FLIGHT_RECORDER, "false");
    }
  }
}
