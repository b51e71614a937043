package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user meets who may not do everything. Root may, so for root each of these is skipped. */
@Tag("unprivileged")
@Timeout(120)
class OrdinaryUserIT {
  @TempDir private Path directory;
  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void skipForRoot() {
    assumeFalse(
        "root".equals(System.getProperty("user.name")),
        "root may do everything: ./verify runs this as the user nobody as well");
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void anArchiveThatCantBeWrittenServesWithoutACache() throws Exception {
    Path home = unpacked();
    allow(home, "r-xr-xr-x");
    try {
      Process process = start(List.of(home.resolve("bin/halley").toString(), "serve", "--port=0"));
      try (BufferedReader out = process.inputReader(UTF_8)) {
        assertThat(out.readLine()).startsWith("listening on ");
      }
      assertThat(process.toHandle().destroy()).isTrue();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(errors()).allMatch(line -> line.startsWith("WARNING: no API key is set"));
      assertThat(home.resolve("startup.cache")).doesNotExist();
    } finally {
      allow(home, "rwxr-xr-x");
    }
  }

  @Test
  void aConfigurationThatMayNotBeReadIsOneLine() throws Exception {
    Path file = Files.writeString(directory.resolve("halley.yaml"), "port: 0\n");
    allow(file, "---------");

    assertThat(fails(2, "--config", file.toString()))
        .singleElement()
        .asString()
        .startsWith("halley: " + file)
        .contains("can't be read");
  }

  @Test
  void aPrivateKeyThatMayNotBeReadIsOneLine() throws Exception {
    Path file = Files.writeString(directory.resolve("key.pem"), "secret");
    allow(file, "---------");

    assertThat(fails(1, "--port=0", "--tls-cert=" + file, "--tls-key=" + file))
        .singleElement()
        .asString()
        .contains("this user may not read " + file);
  }

  @Test
  void aPortThatNeedsAPrivilegeIsOneLine() throws Exception {
    assumeFalse(mayTakePortOne(), "any user may take any port here");

    assertThat(fails(1, "--port=1"))
        .containsExactly("halley: port 1 needs a privilege: choose one above 1023 with --port");
  }

  @Test
  void aCaptureThatMayNotBeWrittenIsOneLine() throws Exception {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    allow(closed, "r-xr-xr-x");
    Path file = closed.resolve("talk.pcapng");

    Process tap = start(java("tap", "--listen=0", "--to=127.0.0.1:1", "--pcapng=" + file));
    assertThat(tap.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(tap.exitValue()).isEqualTo(1);
    assertThat(errors())
        .singleElement()
        .asString()
        .startsWith("halley: --pcapng: can't write " + file);
  }

  private static boolean mayTakePortOne() throws IOException {
    try (ServerSocket one = new ServerSocket(1, 1, InetAddress.getLoopbackAddress())) {
      return one.isBound();
    } catch (BindException e) {
      return false;
    }
  }

  private Path unpacked() throws Exception {
    Path archive;
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      archive =
          files
              .filter(it -> it.getFileName().toString().matches("halley-\\d.*\\.tar\\.gz"))
              .findFirst()
              .orElseThrow();
    }
    Process tar = start(List.of("tar", "-xzf", archive.toAbsolutePath().toString()));
    assertThat(tar.waitFor()).isZero();
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isDirectory).findFirst().orElseThrow();
    }
  }

  private static void allow(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private List<String> fails(int code, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(java("serve"));
    command.addAll(List.of(arguments));
    Process process = start(command);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s", errors()).isEqualTo(code);
    return errors();
  }

  private static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(Path.of("target/halley/halley.jar").toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HALLEY_"));
    builder.redirectError(directory.resolve("err").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** But for what this machine's own limit of descriptors brings about. */
  private List<String> errors() throws IOException {
    return Files.readAllLines(directory.resolve("err")).stream()
        .filter(line -> !line.startsWith("WARNING: the process may have"))
        .toList();
  }
}
