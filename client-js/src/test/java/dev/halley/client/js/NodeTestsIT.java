package dev.halley.client.js;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Runs the tests that are written in JavaScript, with the JDK of this build for their servers. */
class NodeTestsIT {
  private static final Path DIRECTORY = Path.of(System.getProperty("halley.client-js", "."));
  private static final long PATIENCE_SECONDS = 900;

  @Test
  void theTestsInJavaScriptPass() throws Exception {
    run("npm", "ci", "--ignore-scripts", "--prefer-offline");
    run("npm", "test");
  }

  @Test
  void theModuleIsAResource() {
    assertThat(NodeTestsIT.class.getResource("/META-INF/resources/halley/halley.js")).isNotNull();
  }

  /** Runs a program to its end, and hands on what it writes. */
  private static void run(String... command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(DIRECTORY.toAbsolutePath().toFile())
            .redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = start(builder);
    CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .execute(() -> end(process));
    try (BufferedReader output = process.inputReader(UTF_8)) {
      output.lines().forEach(System.out::println);
      assertThat(process.waitFor()).as("%s", List.of(command)).isZero();
    } finally {
      end(process);
    }
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new AssertionError(
          builder.command().getFirst() + " is missing; ./verify installs what the tests need", e);
    }
  }
}
