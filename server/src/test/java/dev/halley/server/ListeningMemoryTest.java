package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.hub.ListeningMemory;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The memory of connections and listeners has a bound. */
class ListeningMemoryTest {
  private static final int BYTES = 64 << 10;

  private static TestServer start() throws Exception {
    ServerConfig config = TestServer.config();
    return TestServer.start(config.withLimits(config.limits().withListeningBytes(BYTES)));
  }

  private static long refused(TestServer server) {
    return server.server().metrics().exceeded(Limit.LISTENING_BYTES).sum();
  }

  private static String names(String begin) {
    return IntStream.range(0, 100).mapToObj(it -> begin + it).collect(Collectors.joining(","));
  }

  @Test
  void aSubscriptionThatThereIsNoRoomForIsRefusedAndTheOthersGoOn() throws Exception {
    try (TestServer server = start();
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      int subscribed = 0;
      String answer = "";
      while (!answer.contains("\"error\"")) {
        client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"room." + subscribed++ + "\"}");
        answer = client.receiveText();
      }
      assertThat(answer).contains("503");
      assertThat(refused(server)).isEqualTo(1);
      assertThat(HttpSocket.status(server, "/channels/a", ""))
          .as("who doesn't listen still gets in")
          .isEqualTo(200);
      server.publish("room.0", "hello");
      assertThat(client.receiveText()).contains("\"hello\"");
      client.send("{\"id\":2,\"op\":\"unsubscribe\",\"channel\":\"room.0\"}");
      assertThat(client.receiveText()).contains("\"position\"");
      client.send("{\"id\":3,\"op\":\"subscribe\",\"channel\":\"room.new\"}");
      assertThat(client.receiveText()).as("there is room again").contains("\"position\"");
    }
  }

  @Test
  void streamsAndPollsThatThereIsNoRoomForAre503() throws Exception {
    try (TestServer server = start()) {
      for (String field : List.of("Accept: text/event-stream\r\n", "Prefer: wait=20\r\n")) {
        Answer answer = HttpSocket.get(server, "/channels/" + names("x."), field);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("retry-after")).isPresent();
      }
      assertThat(HttpSocket.status(server, "/channels/" + names("y."), ""))
          .as("a poll that doesn't wait takes nothing")
          .isEqualTo(200);
      assertThat(refused(server)).isEqualTo(2);
    }
  }

  @Test
  void aConnectionThatThereIsNoRoomForIs503AndAllIsGivenBack() throws Exception {
    try (TestServer server = start()) {
      HttpSocket[] sockets = new HttpSocket[40];
      for (int i = 0; i < sockets.length; i++) {
        sockets[i] = HttpSocket.connect(server);
      }
      TestServer.await(() -> refused(server) > 0);
      for (HttpSocket socket : sockets) {
        socket.close();
      }
      TestServer.await(() -> HttpSocket.status(server, "/channels/a", "") == 200);
      TestServer.await(
          () -> Scrape.of(server).value("halley_listening_bytes"),
          used -> used <= 2 * ListeningMemory.CONNECTION);
    }
  }
}
