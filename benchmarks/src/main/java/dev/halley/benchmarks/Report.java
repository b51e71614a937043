package dev.halley.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Prints what was measured as one table in Markdown. */
public final class Report {
  private static final OptionalDouble NONE = OptionalDouble.empty();
  private static final double GIGA = 1e9;
  private static final double MEGA = 1e6;

  /** Under this many bytes an operation, the counter of the thread's allocations is the noise. */
  private static final double NEARLY_NOTHING = 0.5;

  private static final double MOST_IDLE_BYTES = 200;

  private final Results results;
  private final Table table = new Table();

  private Report(Results results) {
    this.results = results;
  }

  /** Takes the directory of results, and optionally a file that the push-server lab wrote. */
  public static void main(String[] args) throws IOException {
    Report report = new Report(Results.read(Path.of(args[0])));
    report.decoding();
    report.encoding();
    report.validating();
    report.idling();
    if (args.length > 1) {
      report.echoing(Path.of(args[1]));
    }
    System.out.println(Machine.describe() + "\n");
    System.out.print(report.table.markdown());
  }

  private void decoding() {
    double large = DecodeBenchmark.LARGE / GIGA;
    String title = "decode 16 KiB masked, GB/s";
    line(title, who -> "large/" + who, large, "memcpy", "large/copy", 3);
    String[] names = {"halley", "netty", "jetty", "undertow"};
    OptionalDouble[] net = new OptionalDouble[names.length];
    for (int i = 0; i < names.length; i++) {
      net[i] = scaled(withoutCopy("large/" + names[i], "large/copy"), large);
    }
    table.add(
        new Table.Line(
            "… without the time of the copy", net[0], net[1], net[2], net[3], "", NONE, 0));
    OptionalDouble heap = scaled(results.score("large/halley-heap"), large);
    table.add(new Table.Line("… from an array", heap, NONE, NONE, NONE, "", NONE, 0));
    double small = 1 / MEGA;
    String smallTitle = "decode 20 B masked, M frames/s";
    line(smallTitle, who -> "small/" + who, small, "memcpy", "small/copy", 3);
    heap = scaled(results.score("small/halley-heap"), small);
    table.add(new Table.Line("… from an array", heap, NONE, NONE, NONE, "", NONE, 0));
    allocation("… bytes allocated a frame", "small/");
    double text = DecodeBenchmark.TEXT / GIGA;
    line("decode 1 KiB Chinese text, GB/s", who -> "text/" + who, text, "memcpy", "text/copy", 0);
  }

  private void encoding() {
    for (String length : List.of("64", "1024")) {
      UnaryOperator<String> name = who -> "encode/" + who + "/" + length;
      String title = "encode " + length + " B, M frames/s";
      line(title, name, 1 / MEGA, "memcpy", name.apply("copy"), 2);
    }
  }

  private void validating() {
    double bytes = Utf8Benchmark.LENGTH / GIGA;
    for (String text : List.of("ascii", "chinese")) {
      UnaryOperator<String> name = who -> who + "/" + text;
      String title = "validate UTF-8, " + text + ", GB/s";
      line(title, name, bytes, "new String", "string/" + text, 2);
      OptionalDouble heap = scaled(results.score("halleyHeap/" + text), bytes);
      OptionalDouble string = scaled(results.score("string/" + text), bytes);
      table.add(new Table.Line("… in an array", heap, NONE, NONE, NONE, "new String", string, 0));
    }
  }

  private void idling() {
    OptionalDouble netty = asDouble(results.memory("netty"));
    for (String kind : List.of("server", "server, deflate", "client", "client, deflate")) {
      OptionalDouble peer = kind.equals("server") ? netty : NONE;
      asDouble(results.memory(kind))
          .ifPresent(
              bytes ->
                  table.addBytes(
                      "bytes idle, " + kind, bytes, List.of(peer, NONE, NONE), MOST_IDLE_BYTES));
    }
  }

  /** The lab's lines that sum up pairs of this server and a base. */
  private void echoing(Path labResults) throws IOException {
    for (String line : Files.readAllLines(labResults, StandardCharsets.UTF_8)) {
      JsonNode row = JsonMapper.shared().readTree(line);
      if (row.path("type").asString().equals("summary")) {
        table.add(
            new Table.Line(
                "server " + row.path("measure").asString() + ", k messages/s",
                OptionalDouble.of(row.path("k_msgs_per_s").asDouble()),
                NONE,
                NONE,
                NONE,
                row.path("base").asString(),
                OptionalDouble.of(row.path("base_k_msgs_per_s").asDouble()),
                0));
      }
    }
  }

  private void line(
      String measure,
      UnaryOperator<String> name,
      double scale,
      String referenceName,
      String reference,
      double target) {
    table.add(
        new Table.Line(
            measure,
            scaled(results.score(name.apply("halley")), scale),
            scaled(results.score(name.apply("netty")), scale),
            scaled(results.score(name.apply("jetty")), scale),
            scaled(results.score(name.apply("undertow")), scale),
            referenceName,
            scaled(results.score(reference), scale),
            target));
  }

  private void allocation(String measure, String prefix) {
    results
        .allocated(prefix + "halley")
        .ifPresent(
            bytes ->
                table.addBytes(
                    measure,
                    bytes < NEARLY_NOTHING ? 0 : bytes,
                    List.of(
                        results.allocated(prefix + "netty"),
                        results.allocated(prefix + "jetty"),
                        results.allocated(prefix + "undertow")),
                    0));
  }

  private OptionalDouble withoutCopy(String name, String copy) {
    OptionalDouble score = results.score(name);
    OptionalDouble copies = results.score(copy);
    if (score.isEmpty() || copies.isEmpty() || score.getAsDouble() >= copies.getAsDouble()) {
      return NONE;
    }
    return OptionalDouble.of(1 / (1 / score.getAsDouble() - 1 / copies.getAsDouble()));
  }

  private static OptionalDouble scaled(OptionalDouble value, double scale) {
    return value.isEmpty() ? value : OptionalDouble.of(value.getAsDouble() * scale);
  }

  private static OptionalDouble asDouble(OptionalLong value) {
    return value.isEmpty() ? NONE : OptionalDouble.of((double) value.getAsLong());
  }
}
