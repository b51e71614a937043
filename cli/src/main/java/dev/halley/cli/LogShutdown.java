package dev.halley.cli;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Keeps the log open while the process ends. A class of its own: where nothing is logged, {@link
 * LastingLogManager} isn't loaded, and nor is the JDK's logging.
 */
final class LogShutdown {
  private static final String MANAGER = "java.util.logging.manager";
  private static final AtomicReference<Optional<LastingLogManager>> MADE =
      new AtomicReference<>(Optional.empty());

  private LogShutdown() {}

  /** From here on {@link LastingLogManager} is the log manager, unless the operator named one. */
  static void install() {
    if (System.getProperty(MANAGER) == null) {
      System.setProperty(MANAGER, "dev.halley.cli.LastingLogManager");
    }
  }

  /** It is made when the first logger is asked for. */
  static void manage(LastingLogManager manager) {
    MADE.set(Optional.of(manager));
  }

  /** Ends the process with 0 when that is done; what it logs is written. */
  static void end(Runnable work) {
    MADE.get().ifPresent(LastingLogManager::keepHandlers);
    try {
      work.run();
    } finally {
      MADE.get().ifPresent(LastingLogManager::end);
      Runtime.getRuntime().halt(0);
    }
  }
}
