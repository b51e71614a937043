package dev.halley.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures, and leaves what it measured in a directory for {@link Report}.
 *
 * <p>Everything is measured in several rounds, each with a new JVM for each contestant, so that a
 * machine that gets slower in between does so for all.
 */
public final class Main {
  private static final int ROUNDS = 2;

  private Main() {}

  /**
   * Takes the directory for the results, a regular expression that chooses benchmarks (or an empty
   * one), and {@code quick} or {@code full}.
   */
  public static void main(String[] args) throws Exception {
    Path results = Files.createDirectories(Path.of(args[0]));
    String only = args[1];
    boolean quick = "quick".equals(args[2]);
    Agreement.check();
    if (Pattern.compile(only).matcher("IdleMemory").find()) {
      JsonMapper.shared().writeValue(results.resolve(Results.MEMORY_FILE), IdleMemory.measure());
    }
    for (int round = 1; round <= (quick ? 1 : ROUNDS); round++) {
      Path file = results.resolve(Results.FILE_PREFIX + round + ".json");
      try {
        new Runner(options(file, only, quick).build()).run();
      } catch (NoBenchmarksException e) {
        return; // the memory alone was asked for
      }
    }
  }

  private static ChainedOptionsBuilder options(Path file, String only, boolean quick) {
    return new OptionsBuilder()
        .include(only)
        .mode(Mode.Throughput)
        .forks(1)
        .warmupIterations(quick ? 1 : 3)
        .measurementIterations(quick ? 2 : 4)
        .warmupTime(TimeValue.milliseconds(quick ? 500 : 1000))
        .measurementTime(TimeValue.milliseconds(quick ? 500 : 1000))
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .resultFormat(ResultFormatType.JSON)
        .result(file.toString())
        .jvmArgs(forkArguments().toArray(String[]::new));
  }

  /** As the launcher of Halley starts its server, and with Netty's kind of threads. */
  private static List<String> forkArguments() {
    return List.of(
        "-Xms1g",
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "-Djmh.executor=CUSTOM",
        "-Djmh.executor.class=" + EventLoopThreads.class.getName());
  }
}
