package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is particular to Server-Sent Events. */
class EventStreamTest {
  private static final String SSE = "Accept: text/event-stream\r\n";

  /** A stream and its connection. */
  private record Open(HttpSocket http, HttpSocket.Head head, EventStream events)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      http.close();
    }
  }

  @Test
  void theStreamBeginsWithRetryAndTheStartPosition() throws Exception {
    try (TestServer server = TestServer.start()) {
      StreamPosition head = server.publish("s", "before");
      try (Open open = open(server, "/channels/s", "")) {
        assertThat(open.events().readBlock()).as("it is no event").isFalse();
        assertThat(open.events().retryMillis().orElseThrow()).isPositive();
        assertThat(open.events().lastEventId()).isEqualTo(head.toString());
        assertThat(open.head().field("halley-position")).contains(head.toString());
      }
    }
  }

  @Test
  void nothingMayBufferOrStoreIt() throws Exception {
    try (TestServer server = TestServer.start();
        Open open = open(server, "/channels/s", "")) {
      assertThat(open.head().field("cache-control").orElseThrow()).contains("no-store");
      assertThat(open.head().field("x-accel-buffering")).contains("no");
      assertThat(open.head().field("content-length")).isEmpty();
    }
  }

  @Test
  void lastEventIdIsTheCursorOfTwoChannels() throws Exception {
    try (TestServer server = TestServer.start()) {
      StreamPosition a = server.publish("a", "a1");
      StreamPosition b = server.publish("b", "b1");
      server.publish("b", "b2");
      try (Open open = open(server, "/channels/a,b", "Last-Event-ID: " + a + "," + b + "\r\n")) {
        EventStream.Event event = open.events().next().orElseThrow();
        assertThat(event.data()).isEqualTo("b2");
        assertThat(event.id()).isEqualTo(a + "," + b.next());
      }
    }
  }

  @Test
  void aGapIsAnEventWhoseIdIsThePositionAfterIt() throws Exception {
    try (TestServer server = TestServer.keeping(1)) {
      StreamPosition one = server.publish("g", "1");
      server.publish("g", "2");
      server.publish("g", "3");
      try (Open open = open(server, "/channels/g?since=" + one, "")) {
        EventStream.Event gap = open.events().next().orElseThrow();
        assertThat(gap.type()).isEqualTo("gap");
        assertThat(Json.parse(gap.data()).get("channel").stringValue()).isEqualTo("g");
        assertThat(Json.parse(gap.data()).get("from").stringValue())
            .isEqualTo(one.next().toString());
        assertThat(Json.parse(gap.data()).get("to").stringValue())
            .isEqualTo(gap.id())
            .isEqualTo(one.next().toString());
        assertThat(open.events().next().orElseThrow().data()).isEqualTo("3");
      }
    }
  }

  @Test
  void payloadsCannotForgeFields() throws Exception {
    String forged = "a\nid: evil:1\revent: gap\r\n\r\nretry: 1\n\ndata: x";
    try (TestServer server = TestServer.start();
        Open open = open(server, "/channels/f", "")) {
      StreamPosition position = server.publish("f", Payload.text(forged));
      EventStream.Event event = open.events().next().orElseThrow();
      assertThat(event.type()).isEqualTo("message");
      assertThat(event.id()).isEqualTo(position.toString());
      assertThat(event.data()).isEqualTo(forged.replace("\r\n", "\n").replace('\r', '\n'));
    }
  }

  @Test
  void anObjectSaysWhichChannelItIsOfAndStaysOnOneLine() throws Exception {
    try (TestServer server = TestServer.start();
        Open open = open(server, "/channels/a,b?form=halley.v1", "")) {
      for (String channel : List.of("a", "b")) {
        assertThat(open.events().next().orElseThrow().data())
            .startsWith("{\"channel\":\"" + channel + "\",\"subscribed\":");
      }
      server.publish("b", Payload.json("{\r\n  \"n\": 1\r}"));
      EventStream.Event event = open.events().next().orElseThrow();
      assertThat(event.data()).doesNotContain("\n").contains("\"data\":{    \"n\": 1 }");
      assertThat(Json.parse(event.data()).get("channel").stringValue()).isEqualTo("b");
      server.publish("a", Payload.text("1"));
      assertThat(Json.parse(open.events().next().orElseThrow().data()).get("data").isString())
          .as("text that looks like a number")
          .isTrue();
    }
  }

  @Test
  void anUnknownFormIsRefused() throws Exception {
    try (TestServer server = TestServer.start()) {
      HttpSocket.Answer answer =
          HttpSocket.get(server, "/channels/s?form=xml", "Accept: text/event-stream\r\n");
      assertThat(answer.head().status()).isEqualTo(400);
      assertThat(answer.body()).contains("halley.v1");
    }
  }

  @Test
  void aQuietStreamHasCommentsAsHeartbeats() throws Exception {
    ServerConfig config =
        Configs.withHeartbeat(TestServer.config(), Duration.ofMillis(200), Duration.ofSeconds(60));
    try (TestServer server = TestServer.start(config);
        Open open = open(server, "/channels/quiet", "")) {
      while (open.events().comments().size() < 2) {
        assertThat(open.events().readBlock()).isFalse();
      }
    }
  }

  @Test
  void aQuietWebSocketIsPinged() throws Exception {
    ServerConfig config =
        Configs.withHeartbeat(TestServer.config(), Duration.ofMillis(200), Duration.ofSeconds(60));
    try (TestServer server = TestServer.start(config);
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server,
              "GET",
              "/channels/quiet",
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  + "Sec-WebSocket-Version: 13\r\n",
              ""));
      assertThat(http.head().status()).isEqualTo(101);
      assertThat(http.input().read()).isEqualTo(0x89);
    }
  }

  @Test
  void aWebSocketThatAnswersNoPingIsClosed() throws Exception {
    ServerConfig config =
        Configs.withHeartbeat(TestServer.config(), Duration.ofMillis(100), Duration.ofMillis(400));
    try (TestServer server = TestServer.start(config);
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server,
              "GET",
              "/channels/silent",
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  + "Sec-WebSocket-Version: 13\r\n",
              ""));
      assertThat(http.head().status()).isEqualTo(101);
      assertThat(http.input().readAllBytes()).isNotEmpty();
    }
  }

  @Test
  void anAcceptWithALowQualityOrAnotherTypeIsAPoll() throws Exception {
    try (TestServer server = TestServer.start()) {
      for (String accept :
          List.of("*/*", "application/json", "text/html, */*;q=0.1", "text/event-stream;q=0")) {
        assertThat(
                HttpSocket.get(server, "/channels/s", "Accept: " + accept + "\r\n")
                    .field("content-type")
                    .orElseThrow())
            .as(accept)
            .startsWith("application/json");
      }
    }
  }

  private static Open open(TestServer server, String target, String fields) throws Exception {
    HttpSocket http = HttpSocket.connect(server);
    http.send(HttpSocket.request(server, "GET", target, SSE + fields, ""));
    HttpSocket.Head head = http.head();
    assertThat(head.status()).isEqualTo(200);
    return new Open(http, head, new EventStream(http.body(head)));
  }
}
