package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The operator's page in Chromium; its pictures are left in the build's directory. */
@Tag("unprivileged")
@Timeout(300)
class AdminPageIT {
  private static final String HOSTILE = "<img src=x onerror=alert(1)><b>bold</b>";

  @BeforeAll
  static void installPackages() throws Exception {
    NodePackages.install();
  }

  @Test
  void anOperatorLooksPublishesAndDisconnectsAndHostileTextIsText() throws Exception {
    Path screenshots = Files.createDirectories(Tool.build().resolve("screenshots"));
    AtomicBoolean ended = new AtomicBoolean();
    try (TestServer server = TestServer.start(Configs.withKey("secret"));
        WebSocketClient socket =
            WebSocketClient.open(
                server, "/channels/orders?since=latest", List.of(), "", List.of());
        Listener stream = Listening.SSE.open(server, "orders", "latest");
        Listener other = Listening.HALLEY_V1.open(server, List.of("orders", "prices"), "latest")) {
      assertThat(stream.cursor()).isNotEmpty();
      assertThat(other.cursor()).isNotEmpty();
      server.publish(HOSTILE, "x");
      server.publish("orders", Payload.text(HOSTILE));
      Thread load = Thread.ofPlatform().daemon().start(() -> publish(server, ended));
      try (Script script =
          Script.start(
              "admin.mjs", server.uri("/admin/").toString(), "secret", screenshots.toString())) {
        assertThat(script.line()).isEqualTo("sockets 1");
        assertThat(script.line()).isEqualTo("channel " + HOSTILE);
        assertThat(script.line()).isEqualTo("newest " + HOSTILE);
        assertThat(script.line()).isEqualTo("ready");
        assertThat(socket.receiveText()).isEqualTo(HOSTILE);
        assertThat(socket.receiveText()).isEqualTo("by hand");
        assertThat(script.line()).isEqualTo("markup 0");
        assertThat(socket.receive())
            .isEqualTo(
                new WebSocketClient.Message.Closed(1008, "The operator ended this connection"));
        assertThat(script.line()).isEqualTo("phone is 390 wide");
        assertThat(script.line()).isEqualTo("phone is 390 wide");
        assertThat(script.line()).isEqualTo("done");
      } finally {
        ended.set(true);
        load.join();
      }
    }
    for (String name : List.of("desktop", "dark", "details", "phone-light", "phone-dark")) {
      assertThat(screenshots.resolve("admin-" + name + ".png")).isNotEmptyFile();
    }
  }

  /** Something to draw. */
  private static void publish(TestServer server, AtomicBoolean ended) {
    try {
      while (!ended.get()) {
        LockSupport.parkNanos(2_000_000);
        HttpSocket.post(
            server, "/channels/prices", "Authorization: Bearer secret\r\n", "x".repeat(200));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
