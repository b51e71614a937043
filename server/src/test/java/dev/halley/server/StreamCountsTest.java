package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What lasts on a connection of HTTP/2 counts as a connection, by address and in all. */
class StreamCountsTest {
  private static final String PATH = "/channels/a?wait=20";

  private static ServerConfig proxied(int perAddress) {
    return Configs.withConnectionsPerAddress(TestServer.config(), perAddress)
        .withEchoPath("/echo")
        .withProxyTrust(
            new ProxyTrust(
                List.of(AddressRange.parse("127.0.0.0/8")), ProxyTrust.Header.X_FORWARDED_FOR));
  }

  private static Http2Socket.Stream get(Http2Socket http, TestServer server, String... fields)
      throws IOException {
    return http.request("GET", "/channels/a", server.authority(), true, fields);
  }

  private static long exceeded(TestServer server, Limit limit) {
    return server.server().metrics().exceeded(limit).sum();
  }

  @Test
  void streamsAndPollsOfOneConnectionCountInAll() throws Exception {
    try (TestServer server = TestServer.start(Configs.withConnections(4));
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(get(http, server, "accept", "text/event-stream").head().status()).isEqualTo(200);
      http.get(server, PATH);
      assertThat(
              http.connect("/channels/a", server.authority(), "sec-websocket-version", "13")
                  .head()
                  .status())
          .isEqualTo(200);
      Http2Socket.Stream fourth = get(http, server, "accept", "text/event-stream");
      assertThat(fourth.head().status()).isEqualTo(503);
      assertThat(fourth.head().field("retry-after")).isPresent();
      assertThat(exceeded(server, Limit.CONNECTIONS)).isEqualTo(1);
      // What doesn't last is answered.
      assertThat(http.get(server, "/health/live").head().status()).isEqualTo(200);
    }
  }

  @Test
  void aNewConnectionIsRefusedWhereStreamsTakeAllPlaces() throws Exception {
    try (TestServer server = TestServer.start(Configs.withConnections(2));
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(get(http, server, "accept", "text/event-stream").head().status()).isEqualTo(200);
      try (HttpSocket another = HttpSocket.connect(server)) {
        assertThat(another.answer().status()).isEqualTo(503);
      }
    }
  }

  @Test
  void aPlaceIsFreeAgainWhenAStreamHasEnded() throws Exception {
    try (TestServer server = TestServer.start(Configs.withConnections(2));
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream first = http.get(server, PATH);
      server.publish("a", "news");
      assertThat(first.answer().body()).contains("news");
      for (int i = 0; i < 5; i++) {
        assertThat(http.get(server, PATH).answer().status()).isEqualTo(200);
      }
      assertThat(exceeded(server, Limit.CONNECTIONS)).isZero();
    }
  }

  @Test
  void whatComesThroughAProxyCountsOnceForItsClient() throws Exception {
    try (TestServer server = TestServer.start(proxied(2));
        Http2Socket http = Http2Socket.connect(server)) {
      String[] one = {"accept", "text/event-stream", "x-forwarded-for", "192.0.2.1"};
      String[] other = {"accept", "text/event-stream", "x-forwarded-for", "192.0.2.2"};
      assertThat(get(http, server, one).head().status()).isEqualTo(200);
      assertThat(get(http, server, one).head().status()).isEqualTo(200);
      assertThat(get(http, server, one).head().status()).isEqualTo(503);
      assertThat(get(http, server, other).head().status()).isEqualTo(200);
      assertThat(exceeded(server, Limit.CONNECTIONS_PER_ADDRESS)).isEqualTo(1);
    }
  }
}
