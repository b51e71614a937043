package dev.halley.benchmarks.servers;

import dev.halley.benchmarks.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Measures Halley's server beside others, and prints one table. */
public final class ServersMain {
  private static final double QUICK_SECONDS = 0.3;

  private ServersMain() {}

  /**
   * Takes the root of the sources, a directory for what servers need and say, a regular expression
   * that chooses measures (or an empty one), {@code quick} or {@code full}, how many rounds and how
   * many seconds a run takes, and what pins a server to its processor: a command and its arguments,
   * or nothing.
   */
  public static void main(String[] args) {
    try {
      System.exit(run(args) ? 0 : 1);
    } catch (IOException e) {
      System.err.println("benchmarks: " + e.getMessage());
      System.exit(2);
    }
  }

  private static boolean run(String[] args) throws IOException {
    Path work = Files.createDirectories(Path.of(args[1]));
    Pattern only = Pattern.compile(args[2]);
    boolean quick = "quick".equals(args[3]);
    double seconds = quick ? QUICK_SECONDS : Double.parseDouble(args[5]);
    Course.Plan plan =
        new Course.Plan(
            Path.of(args[0]),
            work,
            List.of(args).subList(6, args.length),
            quick ? 1 : Integer.parseInt(args[4]),
            seconds,
            4 * seconds);
    try (Course course = new Course(plan)) {
      for (Measure measure : Measure.all()) {
        if (only.matcher(measure.name()).find()) {
          course.take(measure);
        }
      }
      System.out.println(Machine.describe() + "\n");
      System.out.print(course.sheet().markdown());
      return !course.sheet().halleyBroke();
    }
  }
}
