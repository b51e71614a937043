package dev.halley.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** One line that says how far it is: rewritten in place on a terminal, new ones elsewhere. */
final class ProgressLine {
  private static final String REWRITE = "\r\u001b[K";

  private final PrintStream err;
  private final boolean onTerminal;
  private String last = "";

  ProgressLine(PrintStream err) {
    this.err = err;
    this.onTerminal = errIsTerminal();
  }

  void show(String text) {
    if (onTerminal) {
      err.print(REWRITE + text);
      err.flush();
    } else if (!stage(text).equals(last)) {
      err.println(stage(text));
    }
    last = stage(text);
  }

  void end() {
    if (onTerminal && !last.isEmpty()) {
      err.print(REWRITE);
      err.flush();
    }
  }

  /** The text without its changing figures: in a log, one line for each stage is enough. */
  private static String stage(String text) {
    int figures = text.lastIndexOf(": ");
    return figures > 0 && figures + 2 < text.length() && Character.isDigit(text.charAt(figures + 2))
        ? text.substring(0, figures)
        : text;
  }

  /** Java 21 has no way to ask for standard error alone. */
  private static boolean errIsTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
