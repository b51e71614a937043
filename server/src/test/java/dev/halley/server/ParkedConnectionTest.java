package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import dev.halley.server.ServerConfig.Timing;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A connection whose poll waits is its socket alone (on epoll): whatever the client sends on it
 * then, it gets what it would get on any connection.
 */
class ParkedConnectionTest {
  private static final String POLL = "/channels/chat?since=latest&wait=30";
  private static final String TEXT = "Content-Type: text/plain\r\n";

  /** On one loop a scrape comes after all that the loop was about to do. */
  private static ServerConfig config() {
    return onOneLoop(TestServer.config());
  }

  private static ServerConfig onOneLoop(ServerConfig config) {
    return config.withNetwork(new Network(TestServer.HOST, 0, Io.AUTO, 1));
  }

  private static String get(TestServer server, String target) {
    return HttpSocket.request(server, "GET", target, "", "");
  }

  private static void awaitCounts(TestServer server, int parked, int others) throws Exception {
    Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == parked);
    // The one that scrapes is another.
    Scrape.until(server, "halley_connections{transport=\"http\"}", it -> it == others + 1);
  }

  /** A connection with a poll that waits. */
  private static HttpSocket park(TestServer server) throws Exception {
    HttpSocket http = HttpSocket.connect(server);
    http.send(get(server, POLL));
    awaitCounts(server, 1, 0);
    return http;
  }

  /** A connection that has had the answer to a poll that waited. */
  private static HttpSocket parkAndAnswer(TestServer server) throws Exception {
    HttpSocket http = park(server);
    server.publish("chat", "before");
    assertThat(http.answer().body()).contains("before");
    awaitCounts(server, 0, 1);
    return http;
  }

  @Test
  void itPollsOnAndOn() throws Exception {
    try (TestServer server = TestServer.start(config())) {
      try (HttpSocket http = park(server)) {
        for (int i = 0; i < 20; i++) {
          server.publish("chat", "m" + i);
          Answer answer = http.answer();
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.body()).contains("\"m" + i + "\"");
          // A request that nobody sent before.
          String fields = "If-None-Match: " + answer.field("etag").orElseThrow() + "\r\n";
          http.send(HttpSocket.request(server, "GET", "/channels/chat?wait=30", fields, ""));
          awaitCounts(server, 1, 0);
        }
      }
      awaitCounts(server, 0, 0);
      Scrape.until(server, "halley_channels_followed{pattern=\"*\"}", it -> it == 0);
    }
  }

  @Test
  void aHeadInPartsIsARequest() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      String request = get(server, POLL);
      http.send(request.substring(0, 30));
      awaitCounts(server, 0, 1);
      http.send(request.substring(30));
      awaitCounts(server, 1, 0);
      server.publish("chat", "hello");
      assertThat(http.answer().body()).contains("hello");
    }
  }

  @Test
  void aRequestBehindAPollIsAnsweredAfterIt() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = park(server)) {
      http.send(HttpSocket.request(server, "POST", "/channels/other", TEXT, "x"));
      http.send(get(server, "/health/live"));
      assertThat(HttpSocket.get(server, "/channels/other", "").body()).doesNotContain("\"x\"");
      awaitCounts(server, 1, 0);
      server.publish("chat", "hello");
      assertThat(http.answer().body()).contains("hello");
      assertThat(http.answer().status()).isEqualTo(201);
      assertThat(http.answer().body()).isEqualTo("ok\n");
    }
  }

  @Test
  void severalRequestsAtOnceAreAnsweredInTheirOrder() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      http.send(get(server, POLL) + get(server, "/health/live") + get(server, "/nothing"));
      awaitCounts(server, 1, 0);
      server.publish("chat", "hello");
      assertThat(http.answer().body()).contains("hello");
      assertThat(http.answer().body()).isEqualTo("ok\n");
      assertThat(http.answer().status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "OPTIONS"})
  void otherRequestsFollow(String method) throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server);
        HttpSocket fresh = HttpSocket.connect(server)) {
      String body = method.startsWith("P") ? "hello" : "";
      String request = HttpSocket.request(server, method, "/channels/new", TEXT, body);
      http.send(request);
      HttpSocket.Head head = http.head();
      fresh.send(request);
      assertThat(head.status()).isEqualTo(fresh.head().status());
      if (!method.equals("HEAD")) {
        http.body(head).readAllBytes();
      }
      http.send(get(server, "/health/live"));
      assertThat(http.answer().body()).isEqualTo("ok\n");
    }
  }

  @Test
  void itIsAskedForABodyThatWaitsForThat() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      http.send(
          HttpSocket.request(
              server, "GET", "/health/live", "Expect: 100-continue\r\nContent-Length: 2\r\n", ""));
      assertThat(http.head().status()).isEqualTo(100);
      http.send("ab");
      assertThat(http.answer().body()).isEqualTo("ok\n");
    }
  }

  @Test
  void aBodyThatEndsAsAHeadDoesIsABody() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server);
        HttpSocket other = HttpSocket.connect(server)) {
      String fields = "Content-Length: 4\r\n";
      http.send(HttpSocket.request(server, "GET", "/health/live", fields, "") + "\r\n\r\n");
      assertThat(http.answer().body()).isEqualTo("ok\n");
      // Nothing of it is left in what the loop's connections share.
      for (String text : List.of("one", "two", "three")) {
        other.send(get(server, POLL));
        awaitCounts(server, 1, 1);
        server.publish("chat", text);
        assertThat(other.answer().body()).contains(text);
      }
    }
  }

  @Test
  void whatIsNoRequestIsRefused() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      http.send("GET \u0001 what\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(400);
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void aHeadHasALimit() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      String field = "X-Long: " + "x".repeat(6_000) + "\r\n";
      http.send(HttpSocket.request(server, "GET", "/health/live", field, ""));
      assertThat(http.answer().status()).isEqualTo(200);
      http.send(HttpSocket.request(server, "GET", "/health/live", field.repeat(4), ""));
      assertThat(http.answer().status()).isEqualTo(431);
    }
  }

  @Test
  void aRequestThatDoesNotArriveEnds() throws Exception {
    ServerConfig config = Configs.withHandshake(config(), Duration.ofMillis(300));
    try (TestServer server = TestServer.start(config);
        HttpSocket http = parkAndAnswer(server)) {
      String fields = "Content-Length: 10\r\n";
      http.send(HttpSocket.request(server, "POST", "/channels/chat", fields, ""));
      assertThat(http.answer().status()).isEqualTo(408);
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void itBecomesAnEventStreamOrAWebSocket() throws Exception {
    try (TestServer server = TestServer.start(config())) {
      try (HttpSocket http = parkAndAnswer(server)) {
        String fields = "Accept: text/event-stream\r\n";
        http.send(HttpSocket.request(server, "GET", "/channels/chat?since=latest", fields, ""));
        assertThat(http.head().status()).isEqualTo(200);
        Scrape.until(
            server, "halley_subscriptions{pattern=\"*\",transport=\"sse\"}", it -> it == 1);
        server.publish("chat", "on");
        byte[] some = http.input().readNBytes(20);
        assertThat(new String(some, UTF_8)).isNotEmpty();
      }
      try (HttpSocket http = parkAndAnswer(server)) {
        http.send(HttpSocket.request(server, "GET", "/channels/chat", HttpSocket.UPGRADE, ""));
        assertThat(http.head().status()).isEqualTo(101);
        Scrape.until(server, "halley_connections{transport=\"websocket\"}", it -> it == 1);
      }
      awaitCounts(server, 0, 0);
      Scrape.until(server, "halley_connections{transport=\"websocket\"}", it -> it == 0);
      Scrape.until(server, "halley_connections{transport=\"sse\"}", it -> it == 0);
    }
  }

  @Test
  void whoWantsNoMoreGetsALastAnswer() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      http.send(HttpSocket.request(server, "GET", POLL, "Connection: close\r\n", ""));
      awaitCounts(server, 1, 0);
      server.publish("chat", "hello");
      Answer answer = http.answer();
      assertThat(answer.body()).contains("hello");
      assertThat(answer.field("connection")).contains("close");
      assertThat(http.ends()).isTrue();
      awaitCounts(server, 0, 0);
    }
  }

  @Test
  void anIdleOneEnds() throws Exception {
    Timing t = config().timing();
    Timing timing =
        new Timing(
            t.handshake(),
            Duration.ofMillis(200),
            t.maxWait(),
            t.heartbeat(),
            t.silence(),
            t.drain());
    try (TestServer server = TestServer.start(config().withTiming(timing));
        HttpSocket http = park(server)) {
      server.publish("chat", "hello");
      assertThat(http.answer().body()).contains("hello");
      assertThat(http.ends()).isTrue();
      Scrape.until(
          server, "halley_limits_exceeded_total{limit=\"keep-alive-timeout\"}", it -> it >= 1);
      awaitCounts(server, 0, 0);
    }
  }

  @Test
  void aWaitEndsInTime() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = HttpSocket.connect(server)) {
      for (int i = 0; i < 3; i++) {
        http.send(get(server, "/channels/chat?since=latest&wait=1"));
        Answer answer = http.answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"publications\":[]");
      }
    }
  }

  @Test
  void aDrainAnswersAndEndsIt() throws Exception {
    TestServer server = TestServer.start(config());
    try (HttpSocket waiting = park(server);
        HttpSocket idle = HttpSocket.connect(server)) {
      idle.send(get(server, "/channels/chat?since=latest&wait=1"));
      assertThat(idle.answer().status()).isEqualTo(200);
      server.close();
      Answer answer = waiting.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("connection")).contains("close");
      assertThat(waiting.ends()).isTrue();
      assertThat(idle.ends()).isTrue();
    }
  }

  @Test
  void whoDoesNotReadGetsAllOfItsAnswersAfterwards() throws Exception {
    int polls = 60;
    try (TestServer server = TestServer.start(config());
        HttpSocket http = parkAndAnswer(server)) {
      server.publish("chat", "x".repeat(500_000));
      for (int i = 0; i < polls; i++) {
        http.send(get(server, "/channels/chat?limit=" + (i + 2)));
        // Read one by one, so that it is the answers that are too many, and not the requests.
        Scrape.until(server, "halley_connections{transport=\"http\"}", it -> it == 2);
      }
      for (int i = 0; i < polls; i++) {
        assertThat(http.answer().body()).contains("before").hasSizeGreaterThan(500_000);
      }
      http.send(get(server, "/health/live"));
      assertThat(http.answer().body()).isEqualTo("ok\n");
    }
  }

  @Test
  void itIsCountedOnceForAsLongAsItIsThere() throws Exception {
    try (TestServer server = TestServer.start(onOneLoop(Configs.withConnections(3)))) {
      for (int i = 0; i < 10; i++) {
        try (HttpSocket http = parkAndAnswer(server)) {
          // Back into a channel, out of it, and back.
          http.send(HttpSocket.request(server, "POST", "/channels/other", TEXT, "x"));
          assertThat(http.answer().status()).isEqualTo(201);
          http.send(get(server, POLL));
          awaitCounts(server, 1, 0);
          server.publish("chat", "hello");
          assertThat(http.answer().body()).contains("hello");
          http.send(HttpSocket.request(server, "POST", "/channels/other", TEXT, "x"));
          assertThat(http.answer().status()).isEqualTo(201);
          try (HttpSocket second = HttpSocket.connect(server);
              HttpSocket third = HttpSocket.connect(server);
              HttpSocket fourth = HttpSocket.connect(server)) {
            second.send(get(server, "/health/live"));
            assertThat(second.answer().status()).isEqualTo(200);
            third.send(get(server, "/health/live"));
            assertThat(third.answer().status()).isEqualTo(200);
            assertThat(fourth.answer().status()).isEqualTo(503);
          }
        }
        TestServer.await(() -> isFree(server));
      }
    }
  }

  private static boolean isFree(TestServer server) throws Exception {
    try (HttpSocket first = HttpSocket.connect(server);
        HttpSocket second = HttpSocket.connect(server);
        HttpSocket third = HttpSocket.connect(server)) {
      boolean free = true;
      for (HttpSocket http : List.of(first, second, third)) {
        http.send(get(server, "/health/live"));
        free &= http.answer().status() == 200;
      }
      return free;
    }
  }
}
