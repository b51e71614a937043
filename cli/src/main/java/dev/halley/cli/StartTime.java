package dev.halley.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;

/** How long ago the process began. */
final class StartTime {
  /** The launcher says with it when it began itself, in milliseconds since 1970. */
  private static final String PROPERTY = "halley.started";

  /** Linux tells times of processes in hundredths of a second, whatever the kernel's own tick. */
  private static final int MILLIS_PER_TICK = 10;

  /** Field 22 of the file, counted after the one that is in parentheses, the second. */
  private static final int STARTED_FIELD = 19;

  private StartTime() {}

  /** Milliseconds since the launcher began, if it said when, or else this process. */
  static long elapsedMillis() {
    Long launched = Long.getLong(PROPERTY);
    if (launched != null) {
      return System.currentTimeMillis() - launched;
    }
    return ofLinux().orElseGet(StartTime::ofJdk);
  }

  /** The JDK's own answer for Linux counts from the boot's second, and is off by up to one. */
  private static OptionalLong ofLinux() {
    try {
      String uptime = Files.readString(Path.of("/proc/uptime"), US_ASCII);
      String stat = Files.readString(Path.of("/proc/self/stat"), US_ASCII);
      double now = Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1000;
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long elapsed = Math.round(now) - Long.parseLong(fields[STARTED_FIELD]) * MILLIS_PER_TICK;
      return elapsed < 0 ? OptionalLong.empty() : OptionalLong.of(elapsed);
    } catch (IOException | RuntimeException e) {
      return OptionalLong.empty();
    }
  }

  private static long ofJdk() {
    Instant now = Instant.now();
    Instant started = ProcessHandle.current().info().startInstant().orElse(now);
    return now.toEpochMilli() - started.toEpochMilli();
  }
}
