package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A client of HTTP/2 that isn't there any more. */
class Http2SilenceTest {
  private static final Duration HEARTBEAT = Duration.ofMillis(300);

  @Test
  void aConnectionWithStreamsIsAskedWhetherItIsThere() throws Exception {
    ServerConfig config =
        Configs.withHeartbeat(TestServer.config(), HEARTBEAT, Duration.ofSeconds(60));
    try (TestServer server = TestServer.start(config);
        Http2Socket http = Http2Socket.connect(server)) {
      stream(server, http);
      Http2Socket.Frame frame = http.next();
      while (frame.type() != Http2Socket.PING || frame.has(Http2Socket.ACK)) {
        frame = http.next();
      }
    }
  }

  /** It reads and says nothing, as what is behind a proxy that holds the connection open. */
  @Test
  void whoDoesntAnswerIsGone() throws Exception {
    ServerConfig config =
        Configs.withHeartbeat(TestServer.config(), HEARTBEAT, Duration.ofSeconds(1));
    try (TestServer server = TestServer.start(config);
        Http2Socket http = Http2Socket.connect(server)) {
      stream(server, http);
      TestServer.await(() -> server.server().metrics().exceeded(Limit.SILENCE_TIMEOUT).sum() == 1);
      Scrape.until(server, "halley_connections{transport=\"sse\"}", it -> it == 0);
    }
  }

  private static void stream(TestServer server, Http2Socket http) throws Exception {
    Http2Socket.Stream stream =
        http.request("GET", "/channels/a", server.authority(), true, "accept", "text/event-stream");
    assertThat(stream.anyHead().status()).isEqualTo(200);
  }
}
