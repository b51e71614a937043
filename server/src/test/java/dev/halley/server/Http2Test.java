package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 in the clear, with prior knowledge: what it changes, and what it doesn't. */
class Http2Test {
  private static final int NO_ERROR = 0;
  private static final int PROTOCOL_ERROR = 1;
  private static final int STREAM_CLOSED = 5;
  private static final int REFUSED_STREAM = 7;

  @Test
  void requestsOfOneConnectionAreAnsweredAsTheyCanBe() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      StreamPosition start = server.publish("a", "before");
      Http2Socket.Stream parked = http.get(server, "/channels/a?wait=20&since=" + start);
      Http2Socket.Stream post =
          http.request(
              "POST", "/channels/a", server.authority(), false, "content-type", "text/plain");
      post.send("in ".getBytes(UTF_8));
      post.send("parts".getBytes(UTF_8));
      post.end();
      assertThat(post.answer().status()).isEqualTo(201);
      Answer answer = parked.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("\"in parts\"");
      assertThat(answer.field("content-length"))
          .contains(String.valueOf(answer.body().getBytes(UTF_8).length));
      assertThat(answer.field("connection")).isEmpty();
    }
  }

  @Test
  void manyParkedPollsGetTheSameBody() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      StreamPosition start = server.publish("a", "before");
      List<Http2Socket.Stream> parked = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        parked.add(http.get(server, "/channels/a?wait=20&since=" + start));
      }
      http.roundTrip();
      server.publish("a", "news");
      for (Http2Socket.Stream poll : parked) {
        assertThat(poll.answer().body()).contains("\"news\"");
      }
    }
  }

  @Test
  void trailersEndABody() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream post = http.request("POST", "/channels/a", server.authority(), false);
      post.send("body".getBytes(UTF_8));
      http.send(
          Http2Socket.HEADERS,
          Http2Socket.END_HEADERS | Http2Socket.END_STREAM,
          post.id(),
          Http2Socket.block("x-checksum", "1"));
      assertThat(post.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void headHasTheLengthAndNoBody() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      Answer answer = http.request("HEAD", "/health/live", server.authority(), true).answer();
      assertThat(answer.field("content-length")).contains("3");
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void whoExpectsToBeToldToContinueIs() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream post =
          http.request("POST", "/channels/a", server.authority(), false, "expect", "100-continue");
      assertThat(post.anyHead().status()).isEqualTo(100);
      post.send("now".getBytes(UTF_8));
      post.end();
      assertThat(post.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void aBodyThatIsTooLargeIs413AndTheOthersGoOn() throws Exception {
    int most = TestServer.config().limits().requestBody();
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream announced =
          http.request(
              "POST",
              "/channels/a",
              server.authority(),
              false,
              "content-length",
              String.valueOf(most + 1));
      assertThat(announced.answer().status()).isEqualTo(413);
      assertThat(announced.awaitReset()).isEqualTo(NO_ERROR);
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
    }
  }

  @Test
  void theOriginOfTheAuthorityIsTheServersOwn() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream own =
          http.request(
              "GET",
              "/channels/a",
              server.authority(),
              true,
              "origin",
              "http://" + server.authority());
      Http2Socket.Stream foreign =
          http.request(
              "GET", "/channels/a", server.authority(), true, "origin", "https://evil.example");
      assertThat(own.answer().status()).isEqualTo(200);
      assertThat(foreign.answer().status()).isEqualTo(403);
    }
  }

  @Test
  void malformedRequestsEndTheirStreamOnly() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      String authority = server.authority();
      List<List<String>> malformed =
          List.of(
              List.of("connection", "close"),
              List.of("transfer-encoding", "chunked"),
              List.of("upgrade", "websocket"),
              List.of("te", "gzip"),
              List.of("host", "other.example"),
              List.of("x", "a\r\nb: c"),
              List.of("x", "a\0b"),
              List.of("X-Upper", "a"),
              List.of("bad name", "a"),
              List.of(":protocol", "websocket"),
              List.of(":path", "/twice"),
              List.of(":status", "200"),
              List.of(":unknown", "x"));
      for (List<String> field : malformed) {
        assertThat(
                http.request("GET", "/", authority, true, field.toArray(new String[0]))
                    .awaitReset())
            .as("%s", field)
            .isEqualTo(PROTOCOL_ERROR);
      }
      assertThat(
              http.begin(true, ":method", "GET", ":scheme", "http", ":authority", authority)
                  .awaitReset())
          .isEqualTo(PROTOCOL_ERROR);
      assertThat(
              http.begin(true, ":method", "GET", ":scheme", "http", ":path", "/health/live")
                  .answer()
                  .status())
          .as("without an authority")
          .isEqualTo(400);
      for (String path : List.of("", "*", "a", "http://" + authority + "/health/live")) {
        assertThat(http.request("GET", path, authority, true).awaitReset())
            .as("the path %s", path)
            .isEqualTo(PROTOCOL_ERROR);
      }
      Http2Socket.Stream lying =
          http.request("POST", "/channels/a", authority, false, "content-length", "5");
      lying.send("four".getBytes(UTF_8));
      lying.end();
      assertThat(lying.awaitReset()).isEqualTo(PROTOCOL_ERROR);
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/channels/a?since=latest&wait=20", "/health/live"})
  void aFurtherHeadAfterTheEndOfARequestEndsItsStreamOnly(String target) throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      String[] fields = {
        ":method", "GET", ":scheme", "http", ":path", target, ":authority", server.authority()
      };
      Http2Socket.Stream stream = http.begin(true, fields);
      int flags = Http2Socket.END_HEADERS | Http2Socket.END_STREAM;
      http.send(Http2Socket.HEADERS, flags, stream.id(), Http2Socket.block(fields));
      assertThat(stream.awaitReset()).isIn(PROTOCOL_ERROR, STREAM_CLOSED);
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aStreamThatWasPassedOverEndsTheConnection() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
      byte[] head =
          Http2Socket.block(":method", "GET", ":scheme", "http", ":path", "/no", ":authority", "a");
      int flags = Http2Socket.END_HEADERS | Http2Socket.END_STREAM;
      http.send(Http2Socket.HEADERS, flags, 7, head);
      http.send(Http2Socket.HEADERS, flags, 5, head);
      assertThat(awaitGoAway(http)).isEqualTo(PROTOCOL_ERROR);
    }
  }

  /** Streams that nobody asked for are told of by other frames. */
  private static int awaitGoAway(Http2Socket http) throws Exception {
    while (http.goAway().isEmpty()) {
      try {
        http.next();
      } catch (NoSuchElementException unknownStream) {
        // 5 and 7 aren't the test's own
      }
    }
    return http.goAway().orElseThrow().error();
  }

  @Test
  void moreStreamsThanAgreedOnAreRefused() throws Exception {
    try (TestServer server = TestServer.start(TestServer.config().withHttp2(new Http2(3, 200)));
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(http.setting(3)).isEqualTo(3);
      for (int i = 0; i < 3; i++) {
        http.get(server, "/channels/a?since=latest&wait=20");
      }
      assertThat(http.get(server, "/channels/a").awaitReset()).isEqualTo(REFUSED_STREAM);
    }
  }

  @Test
  void aWebSocketIsAStream() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(http.setting(8)).as("SETTINGS_ENABLE_CONNECT_PROTOCOL").isEqualTo(1);
      WebSocketClient one =
          WebSocketClient.openOn(http, server, "/channels/a", List.of(), List.of());
      WebSocketClient other =
          WebSocketClient.openOn(
              http, server, "/channels/a", HalleyV1Listener.SUBPROTOCOL, List.of());
      assertThat(one.head().status()).isEqualTo(200);
      one.send("said by one");
      assertThat(one.receiveText()).isEqualTo("said by one");
      assertThat(other.receiveText()).contains("subscribed");
      assertThat(other.receiveText()).contains("said by one");
      one.sendClose(1000, "");
      assertThat(one.receive()).isEqualTo(new WebSocketClient.Message.Closed(1000, ""));
      assertThat(one.ends()).isTrue();
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
      assertThat(server.server().metrics().snapshot()).containsEntry("http2_websockets", 2L);
    }
  }

  @Test
  void theEndOfAClientsSideEndsItsWebSocket() throws Exception {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream socket =
          http.connect("/channels/a", server.authority(), "sec-websocket-version", "13");
      assertThat(socket.head().status()).isEqualTo(200);
      socket.end();
      assertThat(socket.ends()).isTrue();
    }
  }

  @Test
  void whatIsNoWebSocketIsRefused() throws Exception {
    try (TestServer server = TestServer.start(Configs.withEcho(1000));
        Http2Socket http = Http2Socket.connect(server)) {
      String[] version = {"sec-websocket-version", "13"};
      for (String path : List.of("/health/live", "/metrics", "/nothing")) {
        assertThat(http.connect(path, server.authority(), version).head().status())
            .as(path)
            .isEqualTo(404);
      }
      assertThat(http.connect("/channels/a", server.authority()).head().status()).isEqualTo(400);
      assertThat(
              http.connect("/channels/a", server.authority(), "sec-websocket-version", "8")
                  .head()
                  .status())
          .isEqualTo(400);
      assertThat(http.get(server, "/echo").answer().status()).isEqualTo(405);
      Http2Socket.Stream otherProtocol =
          http.begin(
              false,
              ":method",
              "CONNECT",
              ":protocol",
              "connect-udp",
              ":scheme",
              "https",
              ":path",
              "/channels/a",
              ":authority",
              server.authority(),
              "sec-websocket-version",
              "13");
      assertThat(otherProtocol.head().status()).isEqualTo(501);
      Http2Socket.Stream tunnel =
          http.begin(false, ":method", "CONNECT", ":authority", "elsewhere.example:443");
      assertThat(tunnel.head().status()).isBetween(400, 501);
    }
  }

  @Test
  void aSlowStreamHoldsUpNoneOfItsConnection() throws Exception {
    int count = 300;
    String filling = "x".repeat(10_000);
    try (TestServer server = TestServer.keeping(20);
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream slow =
          http.request(
              "GET", "/channels/a", server.authority(), true, "accept", "text/event-stream");
      WebSocketClient slowSocket =
          WebSocketClient.openOn(
              http, server, "/channels/a", HalleyV1Listener.SUBPROTOCOL, List.of());
      Http2Socket.Stream fastStream =
          http.request(
              "GET", "/channels/a", server.authority(), true, "accept", "text/event-stream");
      slow.head();
      EventStream fast = new EventStream(fastStream.body());
      assertThat(fast.readBlock()).isFalse();
      for (int i = 0; i < count; i++) {
        server.publish("a", i + " " + filling);
        assertThat(fast.next().orElseThrow().data()).startsWith(i + " ");
      }
      assertThat(slow.arrived()).as("not more than its window").isLessThanOrEqualTo(65_535);
      // Now both are read to the end: what they missed is a gap.
      EventStream late = new EventStream(slow.input());
      EventStream.Event event = late.next().orElseThrow();
      List<String> types = new ArrayList<>();
      while (!event.data().startsWith(count - 1 + " ")) {
        types.add(event.type());
        event = late.next().orElseThrow();
      }
      assertThat(types).contains("gap");
      String message = slowSocket.receiveText();
      while (!message.contains("\"" + (count - 1) + " ")) {
        message = slowSocket.receiveText();
      }
    }
  }

  @Test
  void whatIsNotReadOfOneSocketHoldsUpNoOther() throws Exception {
    try (TestServer server = TestServer.start(Configs.withEcho(1 << 20));
        Http2Socket http = Http2Socket.connect(server)) {
      WebSocketClient deaf = WebSocketClient.openOn(http, server, "/echo", List.of(), List.of());
      // The answers fill its window, so the server stops reading it; what is sent on stays within
      // the window of its own.
      for (int i = 0; i < 12; i++) {
        deaf.send(new byte[10_000]);
      }
      for (int i = 0; i < 20; i++) {
        WebSocketClient other = WebSocketClient.openOn(http, server, "/echo", List.of(), List.of());
        other.send(new byte[20_000]);
        assertThat(((WebSocketClient.Message.Binary) other.receive()).bytes().remaining())
            .isEqualTo(20_000);
        other.sendClose(1000, "");
        other.receive();
      }
    }
  }

  @Test
  void anIdleConnectionIsEnded() throws Exception {
    ServerConfig.Timing t = TestServer.config().timing();
    ServerConfig config =
        TestServer.config()
            .withTiming(
                new ServerConfig.Timing(
                    t.handshake(),
                    Duration.ofMillis(300),
                    t.maxWait(),
                    t.heartbeat(),
                    t.silence(),
                    t.drain()));
    try (TestServer server = TestServer.start(config);
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
      assertThat(http.awaitEnd()).contains(NO_ERROR);
    }
  }

  @Test
  void aRequestThatDoesNotArriveIs408() throws Exception {
    try (TestServer server =
            TestServer.start(Configs.withHandshake(TestServer.config(), Duration.ofMillis(300)));
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream post = http.request("POST", "/channels/a", server.authority(), false);
      assertThat(post.answer().status()).isEqualTo(408);
      assertThat(post.awaitReset()).isEqualTo(NO_ERROR);
    }
  }

  @Test
  void bodiesOfOneConnectionAreBoundedTogether() throws Exception {
    int most = TestServer.config().limits().requestBody();
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      List<Http2Socket.Stream> streams = new ArrayList<>();
      // No more than each one's window, so that nothing has to be waited for.
      int each = 60_000;
      for (int sent = 0; sent <= most && streams.size() < 120; sent += each) {
        Http2Socket.Stream post = http.request("POST", "/channels/a", server.authority(), false);
        post.send(new byte[each]);
        streams.add(post);
      }
      http.roundTrip();
      int rest = most - streams.size() * each;
      Http2Socket.Stream large = streams.getFirst();
      for (int sent = 0; sent <= rest; sent += 10_000) {
        large.send(new byte[10_000]);
        http.roundTrip();
      }
      assertThat(large.answer().status()).isEqualTo(503);
      assertThat(http.get(server, "/health/live").answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRI * HTTP/2.0\r\nX: y\r\n\r\n", "PRI / HTTP/2.0\r\n\r\n"})
  void whatIsNoPrefaceIsRefusedInHttp1(String text) throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(text);
      assertThat(http.answer().status()).isEqualTo(505);
    }
  }

  @Test
  void aPrefaceThatComesByteByByteIsOne() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket http = HttpSocket.connect(server)) {
      for (byte b : Http2Socket.PREFACE) {
        http.send(new byte[] {b});
      }
      byte[] settings = http.input().readNBytes(9);
      assertThat(settings[3]).isEqualTo((byte) Http2Socket.SETTINGS);
    }
  }

  @Test
  void aBrokenPrefaceEndsTheConnection() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket http = HttpSocket.connect(server)) {
      http.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
      http.input().readAllBytes();
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
    }
  }
}
