package dev.halley.benchmarks.servers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process holds at a moment.
 *
 * @param minutes since the beginning
 * @param liveMiB the heap after a collection; NaN where there was none
 * @param deliveries to all listeners until then
 * @param visits that have ended until then
 */
record SoakSample(
    double minutes,
    double residentMiB,
    double liveMiB,
    double descriptors,
    double threads,
    double cpuSeconds,
    long deliveries,
    long visits) {
  static final String HEAD =
      "minutes,resident MiB,live heap MiB,descriptors,threads,server CPU s,deliveries,visits\n";

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+)");
  private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  static SoakSample of(
      RunningServer server, double minutes, boolean collects, long deliveries, long visits)
      throws IOException {
    double live = Double.NaN;
    if (collects) {
      // In one go, so that hardly anything is allocated in between.
      live =
          USED.matcher(jcmd(server, "GC.run\nGC.heap_info"))
                  .results()
                  .mapToLong(it -> Long.parseLong(it.group(1)))
                  .sum()
              / 1024.0;
    }
    Path process = Path.of("/proc/" + server.pid());
    String status = Files.readString(process.resolve("status"));
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      return new SoakSample(
          minutes,
          number(RESIDENT, status) / 1024,
          live,
          descriptors.count(),
          number(THREADS, status),
          server.cpuNanos().orElse(0) / 1e9,
          deliveries,
          visits);
    }
  }

  private static double number(Pattern pattern, String text) throws IOException {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IOException("the server's status has no " + pattern);
    }
    return Double.parseDouble(found.group(1));
  }

  /** Asks the server's JVM. */
  static String jcmd(RunningServer server, String what) throws IOException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(server.pid()), what)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  String csv() {
    return String.format(
        Locale.ROOT,
        "%.2f,%.1f,%s,%.0f,%.0f,%.1f,%d,%d\n",
        minutes,
        residentMiB,
        Double.isNaN(liveMiB) ? "" : String.format(Locale.ROOT, "%.2f", liveMiB),
        descriptors,
        threads,
        cpuSeconds,
        deliveries,
        visits);
  }
}
