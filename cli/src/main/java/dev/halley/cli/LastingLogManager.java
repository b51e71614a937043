package dev.halley.cli;

import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * The JDK's log manager, which also logs while the process ends. The JDK's own takes all handlers
 * away as soon as a signal comes, at the same time as the server begins to drain, and makes none
 * any more if nothing was logged before: what is logged then is gone. {@link LogShutdown} says when
 * it is to be used, and when nothing more will be logged.
 */
public final class LastingLogManager extends LogManager {
  private boolean isOver;

  /** Called by the JDK. */
  public LastingLogManager() {
    LogShutdown.manage(this);
  }

  @Override
  public void reset() {
    if (isShuttingDown()) {
      keepHandlers();
    } else {
      super.reset();
    }
  }

  /** The root logger's, which the JDK would have made when the first line was logged. */
  synchronized void keepHandlers() {
    Logger root = getLogger("");
    String names = getProperty("handlers");
    if (isOver || root == null || names == null || root.getHandlers().length > 0) {
      return;
    }
    for (String name : names.strip().split("[,\\s]+", -1)) {
      try {
        Class<?> handler = ClassLoader.getSystemClassLoader().loadClass(name);
        root.addHandler((Handler) handler.getDeclaredConstructor().newInstance());
      } catch (ReflectiveOperationException | RuntimeException e) {
        System.err.println("halley: no log handler " + name + ": " + e);
      }
    }
  }

  /** Writes what is to be written; then nothing is any more. */
  synchronized void end() {
    isOver = true;
    super.reset();
  }

  /** The JDK doesn't tell, but for refusing this. */
  private static boolean isShuttingDown() {
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(new Thread("halley-none"));
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
