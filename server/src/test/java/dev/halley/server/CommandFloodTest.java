package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Many commands at once, and those that cost much. */
class CommandFloodTest {
  private static final int LARGE = 100_000;

  @Test
  void answersThatAreNotTakenHoldUpTheCommandsThatHaveBeenRead() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      server.publish("a", "x".repeat(LARGE));
      int commands = 500;
      String command = "{\"id\":1,\"op\":\"history\",\"channel\":\"a\"}";
      ByteBuffer payload = ByteBuffer.wrap(command.getBytes(StandardCharsets.UTF_8));
      client.send(
          commands * 100,
          (protocol, out) -> {
            for (int i = 0; i < commands; i++) {
              protocol.writeText(payload.duplicate(), out);
            }
          });
      // Its answers, 50 MB, aren't there at once: some commands wait.
      Scrape.until(server, "halley_arriving_bytes", held -> held > 0);
      for (int i = 0; i < commands; i++) {
        assertThat(client.receiveText().length()).isGreaterThan(LARGE);
      }
      Scrape.until(server, "halley_arriving_bytes", held -> held == 0);
      client.send(command);
      assertThat(client.receiveText().length()).isGreaterThan(LARGE);
    }
  }

  @Test
  void aCommandWithVeryManyPropertiesIsAnswered() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      client.send(
          "{\"id\":7,\"op\":\"publish\"," + "\"op\":1,".repeat(100_000) + "\"nothing\":[]}");
      assertThat(client.receiveText()).startsWith("{\"id\":7,\"error\":{\"code\":400");
    }
  }

  @Test
  void aCommandHasRoomForTheLargestPublicationInBase64() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      String base64 = "AAAA".repeat((1 << 20) / 3);
      client.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"a\",\"base64\":\"" + base64 + "\"}");
      assertThat(client.receiveText()).contains("\"position\"");
      client.send(" ".repeat(3 << 20));
      assertThat(((WebSocketClient.Message.Closed) client.receive()).code()).isEqualTo(1009);
    }
  }
}
