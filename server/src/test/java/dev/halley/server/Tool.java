package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program that is not ours. */
final class Tool {
  private static final Path BUILD = Path.of(System.getProperty("halley.build", "target"));
  private static final Path JS = Path.of(System.getProperty("halley.js", "src/test/js"));

  private static final Path DOCS = Path.of(System.getProperty("halley.docs", "../docs"));

  private Tool() {}

  /** The build's own directory. */
  static Path build() {
    return BUILD.toAbsolutePath();
  }

  /** Where the JavaScript tests are. */
  static Path js() {
    return JS.toAbsolutePath();
  }

  /** Where the documents are. */
  static Path docs() {
    return DOCS.toAbsolutePath();
  }

  /** Starts a program, which talks to nobody but us. */
  static Process start(Path directory, List<String> command) {
    try {
      return new ProcessBuilder(command)
          .directory(directory.toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new AssertionError(
          command.getFirst() + " is missing; ./verify installs what the tests need", e);
    }
  }

  /** Runs a program to its end and returns what it wrote. */
  static String run(Path directory, long seconds, List<String> command) throws Exception {
    Process process = start(directory, command);
    try {
      CompletableFuture<String> output =
          CompletableFuture.supplyAsync(() -> text(process), TestServer.THREADS);
      assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
          .as("%s ended in time", command)
          .isTrue();
      String text = output.join();
      assertThat(process.exitValue()).as("%s wrote %s", command, text).isZero();
      return text;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Runs curl, quietly, and returns what it wrote. */
  static String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "--silent", "--show-error", "--no-buffer"));
    command.addAll(List.of("--max-time", "30"));
    command.addAll(List.of(arguments));
    return run(build(), 60, command);
  }

  private static String text(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
