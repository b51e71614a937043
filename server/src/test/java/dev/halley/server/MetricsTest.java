package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTest {
  private static String metrics(TestServer server) throws Exception {
    return HttpSocket.get(server, "/metrics", "").body();
  }

  @Test
  void whatIsRefusedIsCounted() throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(metrics(server)).contains("\nhalley_refused_requests_total 0\n");

      HttpSocket.get(server, "/channels/no%20name", "");

      assertThat(metrics(server)).contains("\nhalley_refused_requests_total 1\n");
    }
  }

  @Test
  void aConnectionTooManyIsCounted() throws Exception {
    try (TestServer server = TestServer.start(Configs.withConnections(1));
        HttpSocket one = HttpSocket.connect(server)) {
      one.send(HttpSocket.request(server, "GET", "/health/live", "", ""));
      assertThat(one.answer().status()).isEqualTo(200);
      try (HttpSocket another = HttpSocket.connect(server)) {
        assertThat(another.answer().status()).isEqualTo(503);
      }
      assertThat(server.server().metrics().snapshot()).containsEntry("connections_refused", 1L);
    }
  }
}
