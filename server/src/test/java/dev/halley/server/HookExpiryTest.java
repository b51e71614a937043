package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.FakeApplication.Asked;
import dev.halley.server.FakeApplication.Reply;
import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.WebSocketClient.Message;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the application allows ends when it says, unless it says yes once more. */
class HookExpiryTest {
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final String RULE = "What the application allowed has expired";
  private static final String ALLOWED =
      "halley_hook_questions_total{event=\"%s\",outcome=\"allowed\"}";
  private static final Duration LONG = Duration.ofHours(2);

  private final ManualClock clock = new ManualClock();
  private FakeApplication application;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    application = new FakeApplication();
    server =
        TestServer.start(
            Configs.withHeartbeat(TestServer.config(), Duration.ofMillis(50), Duration.ofDays(1))
                .withHooks(application.hooks()),
            clock);
  }

  @AfterEach
  void stop() {
    server.close();
    application.close();
  }

  private Reply yesUntil(Instant expiry) {
    return FakeApplication.sayFor(
        3_000, "{\"allow\":true,\"user\":\"ann\",\"expires\":" + expiry.toEpochMilli() + "}");
  }

  private WebSocketClient v1(String target) throws IOException {
    return WebSocketClient.open(server, target, HalleyV1Listener.SUBPROTOCOL, "");
  }

  private void skip(String... events) throws InterruptedException {
    for (String event : events) {
      assertThat(application.next().event()).isEqualTo(event);
    }
  }

  @Test
  void aConnectionThatIsAllowedOnceMoreGoesOnWithoutAWord() throws Exception {
    Instant first = clock.instant().plus(LONG);
    application.replies(yesUntil(first));
    try (WebSocketClient client = v1("/channels/a,b");
        WebSocketClient bare = WebSocketClient.open(server, "/channels/c", List.of(), "");
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a", SSE, ""));
      EventStream events = EventStream.impatient(http.body(http.head()));
      client.receiveText();
      client.receiveText();
      Scrape.until(server, ALLOWED.formatted("subscribe"), it -> it == 4);
      application.replies(yesUntil(first.plus(LONG)));
      clock.advance(LONG.minusSeconds(30));
      // Past answers that are kept, each about itself and all that it listens to.
      Scrape.until(server, ALLOWED.formatted("connect"), it -> it == 6);
      Scrape.until(server, ALLOWED.formatted("subscribe"), it -> it == 8);
      awaitRead();
      clock.advance(Duration.ofSeconds(31));
      awaitRead();
      server.publish("a", "still here");
      server.publish("c", "still here");
      assertThat(client.receiveText()).contains("still here");
      assertThat(bare.receiveText()).isEqualTo("still here");
      assertThat(events.next().orElseThrow().data()).isEqualTo("still here");
    }
  }

  /** Each of the loops has come round once more. */
  private void awaitRead() throws IOException {
    for (int i = 0; i < 4; i++) {
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
    }
  }

  @Test
  void aWebSocketThatIsNotIsToldAndEnds() throws Exception {
    for (Reply reply :
        List.of(FakeApplication.NO, FakeApplication.say("{\"allow\":true,\"user\":\"bob\"}"))) {
      Instant expiry = clock.instant().plus(LONG);
      application.replies(yesUntil(expiry));
      try (WebSocketClient client = v1("/channels/a")) {
        client.receiveText();
        application.replies(reply);
        clock.advance(LONG.minusSeconds(30));
        assertThat(client.receiveText()).isEqualTo("{\"expires\":" + expiry.toEpochMilli() + "}");
        clock.advance(Duration.ofSeconds(30));
        assertThat(client.receive()).isEqualTo(new Message.Closed(4401, RULE));
      }
    }
  }

  @Test
  void whileTheApplicationCantBeAskedItIsTriedAgain() throws Exception {
    Instant expiry = clock.instant().plus(LONG);
    application.replies(yesUntil(expiry));
    try (WebSocketClient client = v1("/channels/a")) {
      client.receiveText();
      application.events();
      application.replies(FakeApplication.status(500, ""));
      clock.advance(LONG.minusSeconds(30));
      skip("connect", "connect");
      application.replies(yesUntil(expiry.plus(LONG)));
      Scrape.until(server, ALLOWED.formatted("subscribe"), it -> it == 2);
      awaitRead();
      clock.advance(Duration.ofSeconds(31));
      server.publish("a", "still here");
      assertThat(client.receiveText()).contains("still here");

      application.replies(FakeApplication.status(500, ""));
      // Too late to try again.
      clock.advance(LONG.minusSeconds(5));
      assertThat(client.receiveText())
          .isEqualTo("{\"expires\":" + expiry.plus(LONG).toEpochMilli() + "}");
      clock.advance(Duration.ofSeconds(5));
      assertThat(client.receive()).isEqualTo(new Message.Closed(4401, RULE));
    }
  }

  @Test
  void anEventStreamThatIsNotIsToldAndEnds() throws Exception {
    Instant expiry = clock.instant().plus(LONG);
    application.replies(yesUntil(expiry));
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a", SSE, ""));
      EventStream events = EventStream.impatient(http.body(http.head()));
      application.replies(FakeApplication.NO);
      clock.advance(LONG.minusSeconds(30));
      assertThat(events.next().orElseThrow().data())
          .isEqualTo("{\"expires\":" + expiry.toEpochMilli() + "}");
      clock.advance(Duration.ofSeconds(30));
      assertThat(events.next().orElseThrow().data())
          .isEqualTo("{\"closed\":{\"code\":4401,\"reason\":\"" + RULE + "\"}}");
      assertThat(events.next()).isEmpty();
    }
    assertThat(application.next("disconnect").text("user")).isEqualTo("ann");
  }

  @Test
  void aParkedPollEnds() throws Exception {
    application.replies(yesUntil(clock.instant().plusSeconds(1)));
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a?wait=60", "", ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);
      clock.advance(Duration.ofSeconds(1));
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).contains(RULE);
    }
  }

  @Test
  void theEarliestEndCounts() throws Exception {
    Instant expiry = clock.instant().plusSeconds(60);
    application.replies(FakeApplication.YES);
    try (WebSocketClient client = v1("/channels/a")) {
      client.receiveText();
      application.replies(yesUntil(expiry));
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"b\"}");
      client.receiveText();
      application.replies(FakeApplication.NO);
      clock.advance(Duration.ofSeconds(60));
      Message message = client.receive();
      while (message instanceof Message.Text) {
        message = client.receive();
      }
      assertThat(message).isEqualTo(new Message.Closed(4401, RULE));
    }
  }

  @Test
  void anotherTokenOfTheApplicationsOwnIsAskedAboutAtOnce() throws Exception {
    Instant expiry = clock.instant().plus(LONG);
    application.replies(yesUntil(expiry));
    try (WebSocketClient client = v1("/channels/a?token=old")) {
      client.receiveText();
      Asked asked = application.next();
      assertThat(asked.text("token")).isEqualTo("old");
      skip("subscribe");
      application.replies(yesUntil(expiry.plus(LONG)));
      client.send("{\"id\":1,\"op\":\"refresh\",\"token\":\"new\"}");
      assertThat(client.receiveText())
          .isEqualTo("{\"id\":1,\"expires\":" + expiry.plus(LONG).toEpochMilli() + "}");
      assertThat(application.next("connect").text("token")).isEqualTo("new");
      assertThat(application.next("subscribe").text("token")).isEqualTo("new");
      application.replies(FakeApplication.NO);
      client.send("{\"id\":2,\"op\":\"refresh\",\"token\":\"bad\"}");
      assertThat(client.receiveText()).contains("\"id\":2,\"error\":{\"code\":403");
      server.publish("a", "still here");
      assertThat(client.receiveText()).contains("still here");
    }
  }
}
