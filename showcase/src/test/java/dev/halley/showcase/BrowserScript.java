package dev.halley.showcase;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** A script of src/test/js, which visits the showcase with Chromium and asserts what it sees. */
final class BrowserScript {
  private static final Path BUILD = Path.of(System.getProperty("halley.build", "target"));
  private static final Path SCRIPTS = Path.of(System.getProperty("halley.js", "src/test/js"));
  private static final long PATIENCE_SECONDS = 150;
  private static final ReentrantLock INSTALLING = new ReentrantLock();
  private static boolean installed;

  private BrowserScript() {}

  /** Runs a script to its end against a showcase of its own; fails with what it wrote. */
  static void run(String name, String... arguments) throws Exception {
    try (RunningShowcase showcase = RunningShowcase.start()) {
      visit(showcase, name, arguments);
    }
  }

  /** Runs a script to its end against this showcase; fails with what it wrote. */
  static void visit(RunningShowcase showcase, String name, String... arguments) throws Exception {
    install();
    List<String> command = new ArrayList<>(List.of("node", name, showcase.uri("").toString()));
    command.addAll(List.of(arguments));
    execute(name.replace(".mjs", ".out"), command);
  }

  /** Copies the scripts into the build and installs exactly what the lock file says, once. */
  private static void install() throws Exception {
    INSTALLING.lock();
    try {
      if (installed) {
        return;
      }
      Files.createDirectories(directory());
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(SCRIPTS.toAbsolutePath(), Files::isRegularFile)) {
        for (Path file : files) {
          Path copy = directory().resolve(file.getFileName());
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      execute("npm.out", List.of("npm", "ci", "--ignore-scripts", "--prefer-offline"));
      installed = true;
    } finally {
      INSTALLING.unlock();
    }
  }

  private static Path directory() {
    return BUILD.toAbsolutePath().resolve("js");
  }

  private static void execute(String log, List<String> command) throws Exception {
    Path output = directory().resolve(log);
    Process process = start(command, output);
    try {
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output, UTF_8);
      assertThat(ended).as("%s ended in time; it wrote %s", command, text).isTrue();
      assertThat(process.exitValue()).as("%s wrote %s", command, text).isZero();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Process start(List<String> command, Path output) {
    try {
      return new ProcessBuilder(command)
          .directory(directory().toFile())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      throw new AssertionError(
          command.get(0) + " is missing; ./verify installs what the tests need", e);
    }
  }
}
