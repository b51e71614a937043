package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.halley.server.ServerConfig.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client whose machine is gone without a word, as one whose cable was pulled: it is in a network
 * namespace of its own, whose way back is taken away. Only root can do that; for all others these
 * tests are skipped.
 */
class VanishedPeerTest {
  private static final String NAME = "halley" + ProcessHandle.current().pid() % 100_000;
  private static final String SERVER = "10.213.77.1";
  private static final String CLIENT = "10.213.77.2";
  private static final Duration SILENCE = Duration.ofSeconds(6);

  private final List<Process> clients = new ArrayList<>();

  @BeforeEach
  void makeNetwork() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/bin/bash")),
        "only root may make a network namespace");
    assumeTrue(run("ip", "netns", "add", NAME), "this machine makes no network namespace");
    String inside = NAME + "i";
    assumeTrue(
        run("ip", "link", "add", NAME, "type", "veth", "peer", "name", inside, "netns", NAME),
        "this machine makes no virtual network");
    assertThat(run("ip", "addr", "add", SERVER + "/30", "dev", NAME)).isTrue();
    assertThat(run("ip", "link", "set", NAME, "up")).isTrue();
    assertThat(run("ip", "-n", NAME, "addr", "add", CLIENT + "/30", "dev", inside)).isTrue();
    assertThat(run("ip", "-n", NAME, "link", "set", inside, "up")).isTrue();
  }

  @AfterEach
  void removeNetwork() throws Exception {
    clients.forEach(Process::destroyForcibly);
    if ("root".equals(System.getProperty("user.name"))) {
      run("ip", "link", "del", NAME);
      run("ip", "netns", "del", NAME);
    }
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // there is no such command
    }
  }

  private static ServerConfig config() {
    ServerConfig config =
        Configs.withHeartbeat(TestServer.config(), Duration.ofSeconds(1), SILENCE);
    Network network = config.network();
    return config.withNetwork(new Network(SERVER, 0, network.io(), network.threads()));
  }

  /** Sends a request from the other machine, and reads whatever comes, if it is to. */
  private void request(TestServer server, String fields, boolean reads) throws IOException {
    String request =
        HttpSocket.request(server, "GET", "/channels/a?since=latest", fields, "")
            .replace("\r", "\\r")
            .replace("\n", "\\n");
    String script =
        "exec 3<>/dev/tcp/"
            + SERVER
            + "/"
            + server.address().getPort()
            + "; printf '"
            + request
            + "' >&3; "
            + (reads ? "cat <&3 >/dev/null" : "sleep 300");
    clients.add(
        new ProcessBuilder("ip", "netns", "exec", NAME, "/bin/bash", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  private static void vanish() throws Exception {
    assertThat(run("ip", "-n", NAME, "route", "add", "blackhole", SERVER + "/32")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sse", "websocket", "long_poll"})
  void whoVanishesIsGoneWithinTheSilenceTime(String transport) throws Exception {
    String fields =
        switch (transport) {
          case "sse" -> "Accept: text/event-stream\r\n";
          case "websocket" -> HttpSocket.UPGRADE;
          default -> "Prefer: wait=50\r\n";
        };
    String connections = "halley_connections{transport=\"" + transport + "\"}";
    try (TestServer server = TestServer.start(config())) {
      request(server, fields, true);
      Scrape.until(server, connections, it -> it == 1);
      vanish();
      long begun = System.nanoTime();
      Scrape.until(server, connections, it -> it == 0);
      // Some more on a busy machine; without asking it would be a quarter of an hour.
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SILENCE.multipliedBy(2));
    }
  }

  /** It doesn't read, but its machine answers: it costs a cursor, and nobody is closed for it. */
  @Test
  void whoDoesNotReadAndIsThereStays() throws Exception {
    try (TestServer server = TestServer.start(config())) {
      request(server, "Accept: text/event-stream\r\n", false);
      Scrape.until(server, "halley_connections{transport=\"sse\"}", it -> it == 1);
      String much = String.join("", Collections.nCopies(1 << 10, "0123456789abcdef"));
      for (int i = 0; i < 1_000; i++) {
        server.publish("a", much);
      }
      long end = System.nanoTime() + SILENCE.multipliedBy(2).toNanos();
      TestServer.await(() -> System.nanoTime() - end > 0);
      assertThat(server.server().metrics().exceeded(Limit.SILENCE_TIMEOUT).sum()).isZero();
      vanish();
      Scrape.until(server, "halley_connections{transport=\"sse\"}", it -> it == 0);
    }
  }
}
