package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * The Autobahn test suite against the echo endpoint: all its cases, compression apart, which this
 * version of the suite does not have.
 */
class AutobahnIT {
  private static final int LARGEST = 16 << 20;
  private static final long PATIENCE_SECONDS = 600;
  private static final Set<String> CONFORMS = Set.of("OK", "NON-STRICT", "INFORMATIONAL");

  @ParameterizedTest
  @CsvSource({
    "whole,  280, 1.* 2.* 3.* 4.* 5.* 6.* 7.* 9.1.* 9.2.* 9.4.* 9.7.* 9.8.* 10.*",
    "pieces,  21, 9.3.* 9.5.* 9.6.*"
  })
  @Execution(ExecutionMode.CONCURRENT)
  @Timeout(PATIENCE_SECONDS)
  void allCasesConform(String name, int count, String cases) throws Exception {
    Path directory = Tool.build().resolve("autobahn");
    Path reports = directory.resolve(name);
    assertThat(directory.resolve("lib"))
        .as("the suite's jars, which the build puts there: mvn -pl server -am verify")
        .isDirectory();
    try (TestServer server = TestServer.start(Configs.withEcho(LARGEST))) {
      Tool.run(directory, PATIENCE_SECONDS, command(server, reports, cases));
    }
    JsonNode results = Json.parse(Files.readString(reports.resolve("index.json"))).get("halley");
    assertThat(results).hasSize(count);
    assertThat(results.propertyStream().filter(entry -> !conforms(entry.getValue())).toList())
        .isEmpty();
  }

  private static List<String> command(TestServer server, Path reports, String cases) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-Dpython.import.site=false", "-cp", "lib/*"));
    command.addAll(List.of("org.python.util.jython", "-W", "ignore"));
    command.add(Tool.js().resolveSibling("autobahn").resolve("run.py").toString());
    command.add("ws://" + server.authority() + "/echo");
    command.add(reports.toString());
    command.addAll(List.of(cases.split(" ")));
    return command;
  }

  private static boolean conforms(JsonNode result) {
    return CONFORMS.contains(result.get("behavior").stringValue())
        && CONFORMS.contains(result.get("behaviorClose").stringValue());
  }
}
