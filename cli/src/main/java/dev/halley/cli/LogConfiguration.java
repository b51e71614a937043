package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.logging.LogManager;

/**
 * The JDK's logging as Halley wants it: {@link LogHandler} on standard error. The JDK makes one
 * when the first line is logged, so that a start without a line costs nothing.
 */
public final class LogConfiguration {
  private static final String CLASS = "java.util.logging.config.class";
  private static final String FILE = "java.util.logging.config.file";

  /** Called by the JDK. */
  public LogConfiguration() throws IOException {
    String properties = "handlers=" + LogHandler.class.getName();
    LogManager.getLogManager()
        .readConfiguration(new ByteArrayInputStream(properties.getBytes(UTF_8)));
  }

  /** Whether it is the configuration, since it was installed. */
  static boolean isOurs() {
    return LogConfiguration.class.getName().equals(System.getProperty(CLASS));
  }

  /** From here on it is the configuration, unless the operator gave the JDK one of their own. */
  static void install() {
    if (System.getProperty(CLASS) == null && System.getProperty(FILE) == null) {
      System.setProperty(CLASS, LogConfiguration.class.getName());
    }
  }
}
