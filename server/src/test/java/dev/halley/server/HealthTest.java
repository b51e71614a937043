package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import org.junit.jupiter.api.Test;

class HealthTest {
  @Test
  void aServerIsAliveAndReady() throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
      assertThat(HttpSocket.get(server, "/health/ready", "").status()).isEqualTo(200);
      assertThat(HttpSocket.get(server, "/health/other", "").status()).isEqualTo(404);
    }
  }

  @Test
  void withoutItsBrokerItIsAliveAndNotReady() throws Exception {
    MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
    try (HalleyServer server = HalleyServer.start(TestServer.config(), broker)) {
      broker.close();
      assertThat(status(server, "/health/live")).isEqualTo(200);
      assertThat(status(server, "/health/ready")).isEqualTo(503);
    }
  }

  private static int status(HalleyServer server, String path) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server.address())) {
      http.send(HttpSocket.request("127.0.0.1", "GET", path, "", ""));
      return http.answer().status();
    }
  }
}
