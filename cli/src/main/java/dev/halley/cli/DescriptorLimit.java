package dev.halley.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether the process may have as many descriptors as it may have connections. */
final class DescriptorLimit {
  /** What it needs besides its connections: jars, event loops, a log, questions to others. */
  private static final int OTHERS = 64;

  /** The soft limit, which the JVM has raised to the hard one by now. */
  private static final Pattern LINE =
      Pattern.compile("^Max open files\\s+(\\d+)\\s.*", Pattern.MULTILINE);

  private DescriptorLimit() {}

  /** What to tell the operator, if there is something; nothing where the system doesn't say. */
  static Optional<String> warning(int connections) {
    try {
      // Not asked of the JDK's management: to load that takes longer than all else here.
      return warning(Files.readString(Path.of("/proc/self/limits")), connections);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * As {@link #warning(int)}.
   *
   * @param limits as {@code /proc/self/limits} has them
   */
  static Optional<String> warning(String limits, int connections) {
    Matcher line = LINE.matcher(limits);
    if (!line.find() || line.group(1).length() > 18) {
      return Optional.empty();
    }
    long most = Long.parseLong(line.group(1));
    return most >= (long) connections + OTHERS
        ? Optional.empty()
        : Optional.of(
            "the process may have "
                + most
                + " descriptors (ulimit -n), which is too few for limits.connections ("
                + connections
                + "): connections beyond it wait until others end. Raise the one or lower the"
                + " other.");
  }
}
