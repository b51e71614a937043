package dev.halley.benchmarks.servers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.benchmarks.Machine;
import dev.halley.benchmarks.Numbers;
import dev.halley.loadgen.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Measures how Halley's cost grows; writes a chart for each curve, and prints its figures. */
public final class CurvesMain {
  private static final double QUICK_SECONDS = 0.2;
  private static final double SECONDS = 1;
  private static final int ROUNDS = 3;

  private final RunningServer server;
  private final double seconds;
  private final int rounds;
  private int channels;
  private boolean isBroken;

  private CurvesMain(RunningServer server, boolean quick) {
    this.server = server;
    this.seconds = quick ? QUICK_SECONDS : SECONDS;
    this.rounds = quick ? 1 : ROUNDS;
  }

  /**
   * Takes the root of the sources, a directory for what servers need and say, one for the charts, a
   * regular expression that chooses curves (or an empty one), {@code quick} or {@code full}, and
   * what pins the server to its processor: a command and its arguments, or nothing.
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
    Path charts = Files.createDirectories(Path.of(args[2]));
    Pattern only = Pattern.compile(args[3]);
    Contestant halley = new Lineup(Path.of(args[0]), work, List.of()).halley();
    List<String> pinning = List.of(args).subList(5, args.length);
    try (RunningServer server = RunningServer.launch(halley, pinning, work.resolve("halley.log"))) {
      server.awaitStart();
      CurvesMain main = new CurvesMain(server, "quick".equals(args[4]));
      System.out.println(Machine.describe());
      for (Curve curve : Curve.all()) {
        if (only.matcher(curve.name()).find()) {
          main.draw(curve, charts);
        }
      }
      return !main.isBroken;
    }
  }

  private void draw(Curve curve, Path charts) throws IOException {
    for (Curve.Line line : curve.lines()) {
      run(curve, line, curve.values().getFirst(), 3 * seconds);
    }
    Map<Curve.Line, Map<Integer, List<Double>>> costs = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      System.err.printf("benchmarks: %s, round %d of %d…%n", curve.name(), round, rounds);
      for (int value : curve.values()) {
        for (Curve.Line line : curve.lines()) {
          costs
              .computeIfAbsent(line, it -> new LinkedHashMap<>())
              .computeIfAbsent(value, it -> new ArrayList<>())
              .add(run(curve, line, value, seconds));
        }
      }
    }
    Chart chart = chart(curve, costs);
    Files.writeString(charts.resolve(curve.name() + ".svg"), chart.svg(), UTF_8);
    print(curve, chart);
  }

  private double run(Curve curve, Curve.Line line, int value, double length) throws IOException {
    LoadResult result = server.run(line.loads().of(value, "curves-" + channels++ + "-", length));
    for (String fault : result.faults()) {
      System.err.printf(
          "benchmarks: FAULT in %s, %s at %s: %s%n",
          curve.name(), line.name(), curve.label(value), fault);
      isBroken = true;
    }
    return result.further().entrySet().stream()
        .filter(it -> it.getKey().startsWith("server CPU"))
        .findFirst()
        .map(Map.Entry::getValue)
        .orElse(Double.NaN);
  }

  private static Chart chart(Curve curve, Map<Curve.Line, Map<Integer, List<Double>>> costs) {
    List<Chart.Line> lines = new ArrayList<>();
    costs.forEach(
        (line, points) ->
            lines.add(
                new Chart.Line(
                    line.name(),
                    points.entrySet().stream()
                        .map(it -> new Chart.Point(it.getKey(), Numbers.median(it.getValue())))
                        .toList())));
    List<Chart.Tick> ticks =
        curve.values().stream().map(it -> new Chart.Tick(it, curve.label(it))).toList();
    return new Chart(
        curve.title(), curve.across(), ticks, "server CPU, µs", curve.isLogarithmic(), lines);
  }

  private static void print(Curve curve, Chart chart) {
    StringBuilder out = new StringBuilder();
    out.append("\n").append(curve.title()).append(", µs\n\n|");
    out.append(' ').append(curve.across()).append(" |");
    chart.ticks().forEach(it -> out.append(' ').append(it.label()).append(" |"));
    out.append("\n| --- |").append(" ---: |".repeat(chart.ticks().size()));
    for (Chart.Line line : chart.lines()) {
      out.append("\n| ").append(line.name()).append(" |");
      line.points().forEach(it -> out.append(' ').append(Numbers.text(it.y())).append(" |"));
    }
    System.out.println(out);
  }
}
