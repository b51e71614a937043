package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Payload;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server as the JDK's own WebSocket client sees it. */
class JdkWebSocketIT {
  private static TestServer server;

  /** Puts together what comes in parts. */
  private static final class Collector implements WebSocket.Listener {
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private int binaryBytes;

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        messages.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      binaryBytes += part.remaining();
      if (last) {
        messages.add("binary " + binaryBytes);
        binaryBytes = 0;
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer payload) {
      messages.add("pong " + payload.remaining());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      messages.add("closed " + code);
      return null;
    }

    String next() throws InterruptedException {
      String message = messages.poll(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      return message;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theJdkListensPublishesPingsAndCloses() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      Collector collector = new Collector();
      WebSocket socket =
          http.newWebSocketBuilder()
              .connectTimeout(Duration.ofSeconds(10))
              .buildAsync(uri("/channels/jdk"), collector)
              .join();
      server.publish("jdk", "Grüße \uD83D\uDE80");
      server.publish("jdk", "x".repeat(1 << 20));
      server.publish("jdk", Payload.binary(new byte[100_000]));
      assertThat(collector.next()).isEqualTo("Grüße \uD83D\uDE80");
      assertThat(collector.next()).hasSize(1 << 20);
      assertThat(collector.next()).isEqualTo("binary 100000");
      socket.sendText("in two ", false).join();
      socket.sendText("parts", true).join();
      assertThat(collector.next()).isEqualTo("in two parts");
      socket.sendPing(ByteBuffer.wrap(new byte[17])).join();
      assertThat(collector.next()).isEqualTo("pong 17");
      socket.sendClose(4000, "enough").join();
      assertThat(collector.next()).isEqualTo("closed 4000");
    }
  }

  @Test
  void theJdkSpeaksHalleyV1() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      Collector collector = new Collector();
      WebSocket socket =
          http.newWebSocketBuilder()
              .subprotocols("halley.v1")
              .buildAsync(uri("/channels/jdk-v1"), collector)
              .join();
      assertThat(socket.getSubprotocol()).isEqualTo("halley.v1");
      assertThat(collector.next()).contains("\"subscribed\"");
      server.publish("jdk-v1", "hello");
      assertThat(Json.parse(collector.next()).get("data").stringValue()).isEqualTo("hello");
      socket.abort();
    }
  }

  private static URI uri(String target) {
    return URI.create("ws://" + server.authority() + target);
  }
}
