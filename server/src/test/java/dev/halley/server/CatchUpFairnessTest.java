package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.WebSocketClient.Message;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream of several channels that catches up: more than the kernel holds is read of one. */
class CatchUpFairnessTest {
  private static final int PUBLICATIONS = 1_000;
  private static final int PART = 20;
  private static final String TARGET = "/channels/busy,quiet?since=earliest";

  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.keeping(2 * PUBLICATIONS);
    String large = "x".repeat(60_000);
    for (int i = 0; i < PUBLICATIONS; i++) {
      server.publish("busy", large);
    }
    server.publish("quiet", "important");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** A fast client would be through with one channel in one go: it reads as the server stalls. */
  private void awaitStall() throws Exception {
    TestServer.await(
        () -> HttpSocket.get(server, "/admin/api/connections?lagging=1", "").body(),
        body -> Json.parse(body).get("connections").size() == 1);
  }

  @Test
  void anEventStreamHasItsQuietChannelBeforeTheBusyOneIsThrough() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", TARGET, "Accept: text/event-stream\r\n", ""));
      awaitStall();
      EventStream stream = EventStream.impatient(http.body(http.head()));
      int before = 0;
      while (!stream.next().orElseThrow().data().equals("important")) {
        if (++before % PART == 0) {
          awaitStall();
        }
      }
      assertThat(before).isLessThan(PUBLICATIONS * 3 / 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "halley.v1"})
  void aWebSocketHasItToo(String subprotocol) throws Exception {
    List<String> offered = subprotocol.isEmpty() ? List.of() : List.of(subprotocol);
    try (WebSocketClient client = WebSocketClient.open(server, TARGET, offered, "", List.of())) {
      awaitStall();
      int before = 0;
      while (!(client.receive() instanceof Message.Text text
          && text.text().contains("important"))) {
        if (++before % PART == 0) {
          awaitStall();
        }
      }
      assertThat(before).isLessThan(PUBLICATIONS * 3 / 4);
    }
  }
}
