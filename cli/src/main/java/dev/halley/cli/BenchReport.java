package dev.halley.cli;

import dev.halley.loadgen.LoadResult;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Results for people and for machines. */
final class BenchReport {
  private final PrintStream out;

  BenchReport(PrintStream out) {
    this.out = out;
  }

  /** A line for each result, and its faults below it. */
  void table(List<LoadResult> results) {
    int width = results.stream().mapToInt(it -> it.what().length()).max().orElse(0);
    out.printf(
        "%-" + Math.max(width, 1) + "s  %18s  %9s  %9s  %9s%n", "", "", "p50", "p99", "p99.9");
    for (LoadResult result : results) {
      out.printf(
          Locale.ROOT,
          "%-" + width + "s  %,12.0f %s/s",
          result.what(),
          result.rate(),
          shortUnit(result.unit()));
      result
          .latency()
          .ifPresent(
              it ->
                  out.printf(
                      "  %9s  %9s  %9s", time(it.median()), time(it.p99()), time(it.p999())));
      new TreeMap<>(result.further())
          .forEach((name, value) -> out.printf(Locale.ROOT, "  %s: %.2f", name, value));
      out.println();
      result.faults().forEach(fault -> out.println("  FAULT: " + fault));
    }
  }

  private static String shortUnit(String unit) {
    return switch (unit) {
      case "message" -> "msgs ";
      case "delivery" -> "deliv";
      default -> "conns";
    };
  }

  private static String time(double micros) {
    return micros < 1000
        ? String.format(Locale.ROOT, "%.0f µs", micros)
        : micros < 1e6
            ? String.format(Locale.ROOT, "%.1f ms", micros / 1e3)
            : String.format(Locale.ROOT, "%.2f s", micros / 1e6);
  }

  /** One array of objects. */
  void json(List<LoadResult> results) {
    try (JsonGenerator json =
        new JsonFactory().createGenerator(ObjectWriteContext.empty(), new Unclosed(out))) {
      json.writeStartArray();
      for (LoadResult result : results) {
        write(json, result);
      }
      json.writeEndArray();
    }
    out.println();
  }

  private static void write(JsonGenerator json, LoadResult result) {
    json.writeStartObject();
    json.writeStringProperty("measure", result.what());
    json.writeNumberProperty("seconds", result.seconds());
    json.writeNumberProperty("count", result.count());
    json.writeStringProperty("unit", result.unit());
    json.writeNumberProperty("perSecond", result.rate());
    result
        .latency()
        .ifPresent(
            it -> {
              json.writeNumberProperty("p50Micros", it.median());
              json.writeNumberProperty("p99Micros", it.p99());
              json.writeNumberProperty("p999Micros", it.p999());
              json.writeNumberProperty("maxMicros", it.max());
            });
    for (Map.Entry<String, Double> figure : new TreeMap<>(result.further()).entrySet()) {
      json.writeNumberProperty(figure.getKey(), figure.getValue());
    }
    json.writeArrayPropertyStart("faults");
    result.faults().forEach(json::writeString);
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Standard output is not the generator's to close. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(PrintStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
