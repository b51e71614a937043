package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.ServerConfig.Overflow;
import dev.halley.server.WebSocketClient.Message;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What happens to a stream that the log has left behind; for gaps, see the contract. */
class OverflowTest {
  private static final int COUNT = 3_000;
  private static final String FILLING = "x".repeat(10_000);

  static List<ServerConfig> latest() {
    return List.of(
        TestServer.config().withOverflow(Overflow.LATEST),
        TestServer.config()
            .withOverflow(Overflow.CLOSE)
            .withPolicies(List.of(ChannelPolicy.of("pr*").withOverflow(Overflow.LATEST))));
  }

  @ParameterizedTest
  @MethodSource("latest")
  void latestSkipsToTheNewest(ServerConfig config) throws Exception {
    try (TestServer server = TestServer.keeping(50, config);
        WebSocketClient slow = open(server);
        WebSocketClient fast = open(server)) {
      StreamPosition last = publishMuch(server, fast);
      assertThat(lastGapBefore(last, slow).offset())
          .as("only the newest is left")
          .isEqualTo(last.offset() - 1);
    }
  }

  @Test
  void closeClosesWith1013() throws Exception {
    try (TestServer server =
            TestServer.keeping(50, TestServer.config().withOverflow(Overflow.CLOSE));
        WebSocketClient slow = open(server);
        WebSocketClient fast = open(server)) {
      publishMuch(server, fast);
      Message message = slow.receive();
      while (message instanceof Message.Text) {
        message = slow.receive();
      }
      assertThat(((Message.Closed) message).code()).isEqualTo(1013);
      assertThat(HttpSocket.get(server, "/channels/prices?limit=1", "").status()).isEqualTo(200);
    }
  }

  private static WebSocketClient open(TestServer server) throws Exception {
    WebSocketClient client =
        WebSocketClient.open(server, "/channels/prices", HalleyV1Listener.SUBPROTOCOL, "");
    client.receiveText();
    return client;
  }

  /** One by one, each when the fast one has read the one before, which so is never behind. */
  private static StreamPosition publishMuch(TestServer server, WebSocketClient fast)
      throws Exception {
    StreamPosition last = server.publish("prices", FILLING);
    for (int i = 0; i < COUNT; i++) {
      assertThat(fast.receiveText()).contains(last.toString());
      last = server.publish("prices", FILLING);
    }
    return last;
  }

  /**
   * Where the last gap ends. There may be others before it: a kernel takes more when it has made
   * room, and a loop that wasn't run for a while is behind, too.
   */
  private static StreamPosition lastGapBefore(StreamPosition last, WebSocketClient client)
      throws Exception {
    Optional<StreamPosition> to = Optional.empty();
    JsonNode message = Json.parse(client.receiveText());
    while (!message.path("position").asString("").equals(last.toString())) {
      if (message.has("gap")) {
        to = Optional.of(StreamPosition.parse(message.get("gap").get("to").stringValue()));
      }
      message = Json.parse(client.receiveText());
    }
    return to.orElseThrow();
  }
}
