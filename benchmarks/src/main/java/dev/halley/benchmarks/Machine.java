package dev.halley.benchmarks;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/** What was measured on, and when, in one line. */
public final class Machine {
  private Machine() {}

  /** The line. */
  public static String describe() {
    return "%s, %s, %d processors, JDK %s, %s"
        .formatted(
            LocalDate.now(ZoneId.systemDefault()),
            processor(),
            processors(),
            Runtime.version(),
            System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  /** All that there are, whichever this process was given. */
  private static long processors() {
    long all = cpuinfo().stream().filter(line -> line.startsWith("processor")).count();
    return all > 0 ? all : Runtime.getRuntime().availableProcessors();
  }

  private static String processor() {
    return cpuinfo().stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** Its lines, where the system has it. */
  private static List<String> cpuinfo() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo"), Charset.defaultCharset());
    } catch (IOException e) {
      return List.of();
    }
  }
}
