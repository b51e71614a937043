package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server logs while it ends, in a process of its own. */
@Timeout(120)
class DrainLogTest {
  @TempDir private Path directory;

  @Test
  void whoIsCutWhenTheDrainTimeIsOverIsLogged() throws Exception {
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Halley.class.getName(),
                "serve",
                "--port",
                "0",
                "--drain-timeout",
                "1s"));
    builder.environment().keySet().removeIf(name -> name.startsWith("HALLEY_"));
    Process process = builder.redirectError(errors.toFile()).start();
    try (BufferedReader out = process.inputReader(UTF_8)) {
      URI url = URI.create(out.readLine().split(" ", -1)[2]);
      try (Socket mute = new Socket(url.getHost(), url.getPort())) {
        String handshake =
            "GET /channels/a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        mute.getOutputStream().write(handshake.getBytes(UTF_8));
        assertThat(new String(mute.getInputStream().readNBytes(12), UTF_8)).endsWith(" 101");

        assertThat(process.toHandle().destroy()).isTrue(); // SIGTERM; it never answers the close
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readAllLines(errors))
        .anyMatch(line -> line.contains("1 connections are cut: they haven't left within"));
  }
}
