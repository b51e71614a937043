package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ServerConfig.Limits;
import dev.halley.server.ServerConfig.Timing;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever comes to a bound is counted for that bound and for no other. */
class LimitMetricsTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final Duration SHORT = Duration.ofMillis(100);

  private static ServerConfig small() {
    Limits d = TestServer.config().limits();
    return TestServer.config()
        .withEchoPath("/echo")
        .withHttp2(new Http2(1, 5))
        .withProxyTrust(
            new ProxyTrust(
                List.of(AddressRange.parse("127.0.0.0/8")), ProxyTrust.Header.X_FORWARDED_FOR))
        .withLimits(
            new Limits(
                d.connections(),
                1,
                1,
                1_000,
                10,
                100,
                10,
                2,
                2,
                15,
                1,
                d.pendingBytes(),
                1,
                d.listeningBytes()));
  }

  private static ServerConfig config(Limit limit) {
    Timing t = small().timing();
    return switch (limit) {
      case CONNECTIONS -> Configs.withConnections(1);
      case ARRIVING_BYTES ->
          TestServer.config().withArriving(Arriving.defaults().withBytes(1_000, 1_000));
      case ARRIVING_BYTES_PER_ADDRESS ->
          TestServer.config()
              .withProxyTrust(small().proxyTrust())
              .withArriving(Arriving.defaults().withBytes(1 << 20, 1_000));
      case BATCH_ENTRIES, JSON_DEPTH, JSON_NUMBER, JSON_NAME ->
          TestServer.config().withArriving(new Arriving(1 << 20, 1 << 20, 1, 2, 5, 10));
      case REQUESTS_PER_ADDRESS ->
          small().withRates(new Rates(Optional.of(hourly()), Optional.empty(), Optional.empty()));
      case PUBLICATIONS_PER_ADDRESS ->
          small().withRates(new Rates(Optional.empty(), Optional.of(hourly()), Optional.empty()));
      case PUBLICATIONS_PER_USER ->
          withTokens(small())
              .withRates(new Rates(Optional.empty(), Optional.empty(), Optional.of(hourly())));
      case CONNECTIONS_PER_USER -> withTokens(small());
      case RATE_PER_CHANNEL -> withRates(Optional.empty(), Optional.of(hourly()));
      case RATE_PER_CONNECTION -> withRates(Optional.of(hourly()), Optional.empty());
      case HANDSHAKE_TIMEOUT -> Configs.withHandshake(small(), SHORT);
      case KEEP_ALIVE_TIMEOUT ->
          timing(
              new Timing(t.handshake(), SHORT, t.maxWait(), t.heartbeat(), t.silence(), t.drain()));
      case MAX_WAIT ->
          timing(
              new Timing(
                  t.handshake(), t.keepAlive(), SHORT, t.heartbeat(), t.silence(), t.drain()));
      case SILENCE_TIMEOUT -> Configs.withHeartbeat(small(), SHORT, SHORT.multipliedBy(2));
      case LISTENING_BYTES -> small().withLimits(small().limits().withListeningBytes(1));
      case DRAIN_TIMEOUT ->
          timing(
              new Timing(
                  t.handshake(), t.keepAlive(), t.maxWait(), t.heartbeat(), t.silence(), SHORT));
      default -> small();
    };
  }

  private static ServerConfig timing(Timing timing) {
    return small().withTiming(timing);
  }

  private static ServerConfig withTokens(ServerConfig config) {
    return config.withTokens(TokenConfig.of(new TokenConfig.Keys.Secret(TestTokens.SECRET)));
  }

  private static Rate hourly() {
    return new Rate(1, Duration.ofHours(1));
  }

  private static ServerConfig withRates(Optional<Rate> perConnection, Optional<Rate> perChannel) {
    return small()
        .withPolicies(
            List.of(
                ChannelPolicy.of("*")
                    .withRates(new ChannelPolicy.Rates(perConnection, perChannel))));
  }

  private static String request(TestServer server, String method, String target, String body) {
    return HttpSocket.request(server, method, target, TEXT, body);
  }

  private static void post(TestServer server, String body, int status) throws IOException {
    assertThat(HttpSocket.post(server, "/channels/a", TEXT, body).status()).isEqualTo(status);
  }

  private static void postJson(TestServer server, String body, String rule) throws IOException {
    HttpSocket.Answer answer = HttpSocket.post(server, "/channels/a", JSON, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains(rule);
  }

  private static void get(TestServer server, String target, int status) throws IOException {
    assertThat(HttpSocket.get(server, target, "").status()).isEqualTo(status);
  }

  private static void expectClose(WebSocketClient client, int code) throws IOException {
    assertThat(((WebSocketClient.Message.Closed) client.receive()).code()).isEqualTo(code);
  }

  private static void cross(Limit limit, TestServer server) throws Exception {
    switch (limit) {
      case CONNECTIONS -> {
        try (HttpSocket one = HttpSocket.connect(server)) {
          one.send(request(server, "GET", "/health/live", ""));
          assertThat(one.answer().status()).isEqualTo(200);
          try (HttpSocket another = HttpSocket.connect(server)) {
            assertThat(another.answer().status()).isEqualTo(503);
          }
        }
      }
      case CONNECTIONS_PER_ADDRESS -> {
        String from = "X-Forwarded-For: 192.0.2.1\r\n";
        try (WebSocketClient one = WebSocketClient.open(server, "/channels/a", List.of(), from)) {
          assertThat(one.head().status()).isEqualTo(101);
          assertThat(HttpSocket.get(server, "/channels/a", from).status()).isEqualTo(503);
        }
      }
      case CONNECTIONS_PER_USER -> {
        String ann = "Authorization: Bearer " + TestTokens.good() + "\r\n";
        try (WebSocketClient one =
            WebSocketClient.open(server, "/channels/room.1", List.of(), ann)) {
          assertThat(one.head().status()).isEqualTo(101);
          assertThat(HttpSocket.get(server, "/channels/room.1", ann).status()).isEqualTo(503);
        }
      }
      case PUBLICATIONS_PER_ADDRESS -> {
        String from = TEXT + "X-Forwarded-For: 192.0.2.1\r\n";
        assertThat(HttpSocket.post(server, "/channels/a", from, "1").status()).isEqualTo(201);
        assertThat(HttpSocket.post(server, "/channels/b", from, "2").status()).isEqualTo(429);
      }
      case PUBLICATIONS_PER_USER -> {
        String ann = TEXT + "Authorization: Bearer " + TestTokens.good() + "\r\n";
        assertThat(HttpSocket.post(server, "/channels/room.42", ann, "1").status()).isEqualTo(201);
        assertThat(HttpSocket.post(server, "/channels/room.42", ann, "2").status()).isEqualTo(429);
      }
      case REQUEST_HEAD ->
          assertThat(
                  HttpSocket.get(server, "/channels/a", "X: " + "x".repeat(1_000) + "\r\n")
                      .status())
              .isEqualTo(431);
      case PAYLOAD -> post(server, "x".repeat(11), 413);
      case REQUEST_BODY -> post(server, "x".repeat(101), 413);
      case ARRIVING_BYTES -> post(server, "x".repeat(2_000), 503);
      case ARRIVING_BYTES_PER_ADDRESS -> {
        String from = TEXT + "X-Forwarded-For: 192.0.2.1\r\n";
        assertThat(HttpSocket.post(server, "/channels/a", from, "x".repeat(2_000)).status())
            .isEqualTo(503);
        post(server, "x".repeat(2_000), 201);
      }
      case BATCH_ENTRIES -> {
        String entry = "{\"channel\":\"a\",\"data\":1}";
        String batch = "[" + entry + "," + entry + "]";
        assertThat(HttpSocket.post(server, "/publish", JSON, batch).status()).isEqualTo(413);
      }
      case JSON_DEPTH -> postJson(server, "[[[1]]]", "within each other (limits.json-depth)");
      case JSON_NUMBER -> postJson(server, "1234567", "at most 5 digits (limits.json-number)");
      case JSON_NAME ->
          postJson(server, "{\"longer than that\":1}", "at most 10 bytes (limits.json-name)");
      case ECHO_MESSAGE -> {
        try (WebSocketClient client = WebSocketClient.open(server, "/echo", List.of(), "")) {
          client.send("x".repeat(11));
          expectClose(client, 1009);
        }
      }
      case LISTENING_BYTES -> {
        try (HttpSocket refused = HttpSocket.connect(server)) {
          assertThat(refused.answer().status()).isEqualTo(503);
        }
      }
      case CHANNELS_PER_CONNECTION -> get(server, "/channels/a,b,c", 400);
      case POLL_PUBLICATIONS -> {
        for (int i = 0; i < 3; i++) {
          server.publish("a", "x");
        }
        get(server, "/channels/a?limit=1", 200);
        get(server, "/channels/a", 200);
      }
      case POLL_BYTES -> {
        server.publish("a", "x".repeat(20));
        server.publish("a", "x");
        get(server, "/channels/a", 200);
      }
      case PARKED_POLLS -> {
        try (HttpSocket one = HttpSocket.connect(server)) {
          one.send(request(server, "GET", "/channels/a?wait=20", ""));
          Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);
          get(server, "/channels/a?wait=20", 503);
        }
      }
      case PIPELINED_REQUESTS -> {
        try (HttpSocket http = HttpSocket.connect(server)) {
          http.send(request(server, "GET", "/channels/a?wait=20", ""));
          http.send(request(server, "GET", "/health/live", "").repeat(3));
          awaitCount(server, limit);
          server.publish("a", "x");
          for (int i = 0; i < 4; i++) {
            assertThat(http.answer().status()).isEqualTo(200);
          }
        }
      }
      case REQUESTS_PER_ADDRESS -> {
        String from = "X-Forwarded-For: 192.0.2.1\r\n";
        assertThat(HttpSocket.get(server, "/health/live", from).status()).isEqualTo(200);
        assertThat(HttpSocket.get(server, "/health/live", from).status()).isEqualTo(429);
      }
      case RATE_PER_CHANNEL -> {
        post(server, "1", 201);
        post(server, "2", 429);
      }
      case RATE_PER_CONNECTION -> {
        try (WebSocketClient client = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
          client.send("1");
          assertThat(client.receiveText()).isEqualTo("1");
          client.send("2");
          expectClose(client, 1008);
        }
      }
      case HANDSHAKE_TIMEOUT -> {
        try (HttpSocket http = HttpSocket.connect(server)) {
          assertThat(http.answer().status()).isEqualTo(408);
        }
      }
      case KEEP_ALIVE_TIMEOUT -> {
        try (HttpSocket http = HttpSocket.connect(server)) {
          http.send(request(server, "GET", "/health/live", ""));
          assertThat(http.answer().status()).isEqualTo(200);
          assertThat(http.ends()).isTrue();
        }
      }
      case MAX_WAIT -> get(server, "/channels/a?wait=20", 200);
      case SILENCE_TIMEOUT -> {
        try (WebSocketClient client = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
          awaitCount(server, limit); // its pongs are sent when it reads
          assertThat(client.head().status()).isEqualTo(101);
        }
      }
      case DRAIN_TIMEOUT -> {
        try (HttpSocket http = HttpSocket.connect(server)) {
          http.send(request(server, "GET", "/health/live", ""));
          assertThat(http.answer().status()).isEqualTo(200);
          http.send("POST /channels/a HTTP/1.1\r\n");
          http.send("Host: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
          assertThat(http.head().status()).isEqualTo(100);
          server.server().close();
        }
      }
      case HTTP2_STREAMS -> {
        try (Http2Socket http = Http2Socket.connect(server)) {
          http.roundTrip();
          http.get(server, "/channels/a?wait=20");
          http.get(server, "/channels/a");
          awaitCount(server, limit);
        }
      }
      case HTTP2_CONTROL_FRAMES -> {
        try (Http2Socket http = Http2Socket.connect(server)) {
          for (int i = 0; i < 6; i++) {
            http.send(Http2Socket.PING, 0, 0, new byte[8]);
          }
          http.awaitEnd();
        }
      }
    }
  }

  private static void awaitCount(TestServer server, Limit limit) throws Exception {
    TestServer.await(() -> server.server().metrics().exceeded(limit).sum(), it -> it > 0);
  }

  @ParameterizedTest
  @EnumSource(Limit.class)
  void itsCrossingIsCountedAndNoOther(Limit crossed) throws Exception {
    try (TestServer server = TestServer.start(config(crossed))) {
      cross(crossed, server);
      awaitCount(server, crossed);
      for (Limit limit : Limit.values()) {
        assertThat(server.server().metrics().exceeded(limit).sum())
            .as(limit.key())
            .isEqualTo(limit == crossed ? 1 : 0);
      }
    }
  }

  @Test
  void thePageHasEachByItsSettingsName() throws Exception {
    try (TestServer server = TestServer.start(small())) {
      post(server, "x".repeat(11), 413);
      Scrape scrape = Scrape.of(server);
      for (Limit limit : Limit.values()) {
        assertThat(scrape.value("halley_limits_exceeded_total{limit=\"" + limit.key() + "\"}"))
            .isEqualTo(limit == Limit.PAYLOAD ? 1 : 0);
      }
      for (String ofTheBroker :
          List.of("channels.max", "history.total-bytes", "idempotency.keys")) {
        assertThat(scrape.value("halley_limits_exceeded_total{limit=\"" + ofTheBroker + "\"}"))
            .isZero();
      }
    }
  }

  @Test
  void whatIsTooLargeForAChannelCountsOnEachTransport() throws Exception {
    try (TestServer server = TestServer.start(small());
        WebSocketClient v1 =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "");
        WebSocketClient raw = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      v1.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"a\",\"data\":\"12345678901\"}");
      assertThat(v1.receiveText()).contains("413");
      raw.send("12345678901");
      expectClose(raw, 1009);
      String batch = "[{\"channel\":\"a\",\"data\":\"12345678901\"}]";
      assertThat(HttpSocket.post(server, "/publish", "", batch).status()).isEqualTo(413);
      assertThat(server.server().metrics().exceeded(Limit.PAYLOAD).sum()).isEqualTo(3);

      // A command has twice as much as a publication, and 64 KiB.
      v1.send(" ".repeat((64 << 10) + 21));
      expectClose(v1, 1009);
      assertThat(server.server().metrics().exceeded(Limit.PAYLOAD).sum()).isEqualTo(4);
    }
  }

  @Test
  void channelsOfCommandsCountAsThoseOfRequests() throws Exception {
    try (TestServer server = TestServer.start(small());
        WebSocketClient v1 =
            WebSocketClient.open(server, "/channels/a,b", HalleyV1Listener.SUBPROTOCOL, "")) {
      v1.receive();
      v1.receive();
      v1.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"c\"}");
      assertThat(v1.receiveText()).contains("400");
      assertThat(server.server().metrics().exceeded(Limit.CHANNELS_PER_CONNECTION).sum())
          .isEqualTo(1);
    }
  }

  @Test
  void aHeadThatIsTooLargeCountsInHttp2() throws Exception {
    try (TestServer server = TestServer.start(small());
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream stream =
          http.request("GET", "/channels/a", "x", true, "x", "y".repeat(900));
      assertThat(stream.head().status()).isEqualTo(431);
      assertThat(server.server().metrics().exceeded(Limit.REQUEST_HEAD).sum()).isEqualTo(1);
    }
  }

  @Test
  void keysAreUnique() {
    assertThat(Arrays.stream(Limit.values()).map(Limit::key)).doesNotHaveDuplicates();
  }
}
