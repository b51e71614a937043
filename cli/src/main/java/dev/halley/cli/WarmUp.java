package dev.halley.cli;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Loads in good times what is needed in bad ones. The first line of the log reads the time zones'
 * file and makes the JDK's logging, and a class that couldn't be loaded once, for want of a
 * descriptor or memory, never can be again. Done beside the server when it listens, so that a start
 * takes no longer. It opens all jars, since the JDK's first logger looks for another logging system
 * in each; {@code -Dhalley.warm-up=false} leaves it out.
 */
final class WarmUp {
  private WarmUp() {}

  /** Begins, on a thread of its own. */
  static Thread begin() {
    return Thread.ofPlatform().daemon().name("halley-warm-up").start(WarmUp::runContained);
  }

  private static void runContained() {
    try {
      if (!"false".equals(System.getProperty("halley.warm-up"))) {
        run();
      }
    } catch (Throwable e) {
      // It was for later; what fails here is found out when it is needed.
    }
  }

  /** Writes lines of each form to nowhere; returns how many characters. */
  static int run() {
    int length = 0;
    for (Logger logger = Logger.getLogger("dev.halley"); logger != null; ) {
      length += logger.getHandlers().length;
      logger = logger.getParent();
    }
    length +=
        System.getLogger("dev.halley.server.Failures").isLoggable(System.Logger.Level.DEBUG)
            ? 1
            : 0;
    LogRecord record = new LogRecord(Level.WARNING, "{0} is said to nobody");
    record.setLoggerName("dev.halley");
    record.setParameters(new Object[] {"this"});
    record.setThrown(new IllegalStateException("none", new OutOfMemoryError("none")));
    for (LogFormat format : LogFormat.values()) {
      length += LogFormatter.format(record, format).length();
    }
    InternalLogger netty = InternalLoggerFactory.getInstance(WarmUp.class);
    if (netty instanceof NettyLogger mine) {
      length += mine.warmUp();
    }
    length += DeadThreads.lines("none", new OutOfMemoryError("none")).length();
    return length;
  }
}
