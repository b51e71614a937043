package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/** A Node.js program and the lines that it writes. */
record Script(Process process, BufferedReader lines) implements AutoCloseable {
  static Script start(String name, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", name));
    command.addAll(List.of(arguments));
    Process process = Tool.start(NodePackages.directory(), command);
    return new Script(
        process, new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)));
  }

  String line() throws Exception {
    String line = lines.readLine();
    assertThat(line).as("the script ended early").isNotNull();
    return line;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
