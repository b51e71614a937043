package dev.halley.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@link Main} left: of each benchmark the median of all iterations of all rounds. */
final class Results {
  static final String FILE_PREFIX = "jmh-";
  static final String MEMORY_FILE = "memory.json";

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<String, List<Double>> scores = new HashMap<>();
  private final Map<String, List<Double>> allocated = new HashMap<>();
  private final Map<String, Long> memory = new HashMap<>();

  static Results read(Path directory) throws IOException {
    Results results = new Results();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, FILE_PREFIX + "*.json")) {
      for (Path file : files) {
        JSON.readTree(file).forEach(results::add);
      }
    }
    Path memory = directory.resolve(MEMORY_FILE);
    if (Files.exists(memory)) {
      JSON.readTree(memory)
          .properties()
          .forEach(kind -> results.memory.put(kind.getKey(), kind.getValue().asLong()));
    }
    return results;
  }

  private void add(JsonNode benchmark) {
    StringBuilder name = new StringBuilder(benchmark.path("benchmark").asString());
    name.delete(0, name.lastIndexOf(".") + 1);
    benchmark.path("params").forEach(it -> name.append('/').append(it.asString()));
    addRaw(scores, name.toString(), benchmark.path("primaryMetric"));
    JsonNode garbage = benchmark.path("secondaryMetrics").path("gc.alloc.rate.norm");
    addRaw(allocated, name.toString(), garbage);
  }

  private static void addRaw(Map<String, List<Double>> to, String name, JsonNode metric) {
    List<Double> values = to.computeIfAbsent(name, it -> new ArrayList<>());
    metric.path("rawData").forEach(fork -> fork.forEach(it -> values.add(it.asDouble())));
  }

  /**
   * Operations a second.
   *
   * @param name the benchmark's method and its parameters, with slashes between them
   */
  OptionalDouble score(String name) {
    return median(scores.getOrDefault(name, List.of()));
  }

  /** Bytes that one operation allocates. */
  OptionalDouble allocated(String name) {
    return median(allocated.getOrDefault(name, List.of()));
  }

  /** Bytes of an idle object. */
  OptionalLong memory(String kind) {
    Long bytes = memory.get(kind);
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  private static OptionalDouble median(List<Double> values) {
    if (values.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(Numbers.median(values));
  }
}
