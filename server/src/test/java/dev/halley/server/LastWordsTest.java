package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A stream that ends while its peer is slow to take what it was sent. */
class LastWordsTest {
  /** The last word is behind what waits: it isn't cut off by a time-out on the whole. */
  @Test
  void whoIsSlowGetsTheLastWord() throws Exception {
    ServerConfig config =
        Configs.withDrainTime(
            Configs.withHandshake(TestServer.config(), Duration.ofMillis(200)),
            Duration.ofSeconds(30));
    try (TestServer server = TestServer.start(config);
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(8 << 10);
      socket.setSoTimeout(Math.toIntExact(TestServer.PATIENCE.toMillis()));
      socket.connect(server.address());
      String request =
          HttpSocket.request(server, "GET", "/channels/a", "Accept: text/event-stream\r\n", "");
      socket.getOutputStream().write(request.getBytes(UTF_8));
      Scrape.until(server, "halley_connections{transport=\"sse\"}", it -> it == 1);
      String much = String.join("", Collections.nCopies(4 << 10, "0123456789abcdef"));
      // Until the stream is behind, so that something waits in the server.
      while (Scrape.of(server).value("halley_subscriptions_slowed_total{pattern=\"*\"}") == 0) {
        server.publish("a", much);
      }
      Thread closing = Thread.ofPlatform().daemon().start(server.server()::close);
      // Longer than the time that was given for all of it.
      LockSupport.parkNanos(Duration.ofMillis(600).toNanos());
      InputStream in = socket.getInputStream();
      String all = new String(in.readAllBytes(), UTF_8);
      assertThat(all).contains(": the server stops").endsWith("0\r\n\r\n");
      closing.join();
    }
  }
}
