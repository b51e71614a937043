package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * No connection outlives its token. The clock of tokens is the test's; that of timers is real, and
 * looks at it with each heartbeat.
 */
class TokenExpiryTest {
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final Duration LONG = Duration.ofDays(1);

  private final ManualClock clock = new ManualClock();
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        TestServer.start(
            Configs.withHeartbeat(TestServer.config(), Duration.ofMillis(50), LONG)
                .withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET))),
            clock);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Instant in(Duration delay) {
    return clock.instant().plus(delay);
  }

  private static String bearer(Instant expiry) {
    return "Authorization: Bearer " + TestTokens.good(expiry) + "\r\n";
  }

  private WebSocketClient v1(String target, Instant expiry) throws IOException {
    return WebSocketClient.open(server, target, HalleyV1Listener.SUBPROTOCOL, bearer(expiry));
  }

  private void assertExpired(WebSocketClient client) throws IOException {
    WebSocketClient.Message last = client.receive();
    assertThat(last).isEqualTo(new WebSocketClient.Message.Closed(4401, "The token has expired"));
    assertThat(server.server().metrics().tokensExpired().sum()).isEqualTo(1);
  }

  // ---- the end ----

  @Test
  void aBareWebSocketEndsWithItsToken() throws IOException {
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/room.1", List.of(), bearer(in(LONG)))) {
      server.publish("room.1", "before");
      assertThat(client.receiveText()).isEqualTo("before");
      clock.advance(LONG);
      assertExpired(client);
    }
  }

  @Test
  void aHalleyWebSocketIsWarnedAndEndsWithItsToken() throws IOException {
    Instant expiry = in(LONG);
    try (WebSocketClient client = v1("/channels", expiry)) {
      clock.advance(LONG.minusSeconds(30));
      assertThat(client.receiveText()).isEqualTo("{\"expires\":" + expiry.toEpochMilli() + "}");
      clock.advance(Duration.ofSeconds(30));
      assertExpired(client);
    }
  }

  @Test
  void anEventStreamIsWarnedAndEndsWithItsToken() throws IOException {
    for (String query : List.of("", "?form=halley.v1")) {
      Instant expiry = in(LONG);
      try (HttpSocket http = HttpSocket.connect(server)) {
        http.send(
            HttpSocket.request(
                server, "GET", "/channels/room.1" + query, SSE + bearer(expiry), ""));
        EventStream events = EventStream.impatient(http.body(http.head()));
        if (!query.isEmpty()) {
          assertThat(events.next().orElseThrow().data()).contains("subscribed");
        }
        clock.advance(LONG.minusSeconds(30));
        EventStream.Event warning = events.next().orElseThrow();
        assertThat(warning.type()).isEqualTo(query.isEmpty() ? "expires" : "message");
        assertThat(warning.data()).isEqualTo("{\"expires\":" + expiry.toEpochMilli() + "}");
        clock.advance(Duration.ofSeconds(30));
        EventStream.Event last = events.next().orElseThrow();
        assertThat(last.type()).isEqualTo(query.isEmpty() ? "closed" : "message");
        assertThat(last.data())
            .isEqualTo("{\"closed\":{\"code\":4401,\"reason\":\"The token has expired\"}}");
        assertThat(events.next()).isEmpty();
      }
    }
  }

  @Test
  void aParkedPollEndsWithItsToken() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server,
              "GET",
              "/channels/room.1",
              "Prefer: wait=60\r\n" + bearer(in(Duration.ofSeconds(1))),
              ""));
      // The request has been looked at when the next one on its connection's loop is answered.
      TestServer.await(() -> server.server().metrics().requests().sum() > 0);
      awaitRead();
      clock.advance(Duration.ofSeconds(1));
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).contains("The token has expired");
    }
  }

  /** Each of the loops has come round once more. */
  private void awaitRead() throws IOException {
    for (int i = 0; i < 4; i++) {
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
    }
  }

  // ---- another token ----

  @Test
  void aNewTokenOfTheSameSubjectCarriesOn() throws IOException {
    try (WebSocketClient client = v1("/channels/room.1", in(LONG))) {
      client.receiveText();
      Instant expiry = in(LONG.multipliedBy(3));
      assertThat(refresh(client, TestTokens.good(expiry)).get("expires").longValue())
          .isEqualTo(expiry.toEpochMilli());
      clock.advance(LONG.multipliedBy(2));
      server.publish("room.1", "still here");
      assertThat(client.receiveText()).contains("still here");
      clock.advance(LONG);
      // A warning may be on its way; the end is what counts.
      assertThat(lastOf(client).code()).isEqualTo(4401);
    }
  }

  private static WebSocketClient.Message.Closed lastOf(WebSocketClient client) throws IOException {
    WebSocketClient.Message message = client.receive();
    while (!(message instanceof WebSocketClient.Message.Closed closed)) {
      message = client.receive();
    }
    return closed;
  }

  @Test
  void aNewTokenMayEndSooner() throws IOException {
    try (WebSocketClient client = v1("/channels", in(LONG))) {
      refresh(client, TestTokens.good(in(Duration.ofSeconds(60))));
      clock.advance(Duration.ofSeconds(60));
      assertThat(lastOf(client).code()).isEqualTo(4401);
    }
  }

  @Test
  void aWarningComesAgainForTheNewToken() throws IOException {
    try (WebSocketClient client = v1("/channels", in(Duration.ofSeconds(60)))) {
      clock.advance(Duration.ofSeconds(30));
      assertThat(client.receiveText()).startsWith("{\"expires\":");
      refresh(client, TestTokens.good(in(Duration.ofSeconds(60))));
      clock.advance(Duration.ofSeconds(30));
      assertThat(client.receiveText()).startsWith("{\"expires\":");
    }
  }

  @Test
  void whatIsNotATokenOfTheSameSubjectIsRefusedAndChangesNothing() throws IOException {
    byte[] secret = TestTokens.SECRET.getBytes(UTF_8);
    Instant later = in(LONG.multipliedBy(2));
    String claims = TestTokens.claims(later, "");
    try (WebSocketClient client = v1("/channels/room.1", in(LONG))) {
      client.receiveText();
      assertThat(code(refresh(client, "junk"))).isEqualTo(401);
      assertThat(code(refresh(client, TestTokens.good(in(Duration.ofSeconds(-1)))))).isEqualTo(401);
      for (String others :
          List.of(
              claims.replace("\"ann\"", "\"bob\""),
              claims.replace("\"sub\":\"ann\",", ""),
              claims.replace("room.*", "other.*"))) {
        assertThat(code(refresh(client, TestTokens.hs256(secret, others)))).isEqualTo(403);
      }
      client.send("{\"id\":1,\"op\":\"refresh\"}");
      assertThat(code(Json.parse(client.receiveText()))).isEqualTo(400);
      server.publish("room.1", "still here");
      assertThat(client.receiveText()).contains("still here");
      clock.advance(LONG);
      assertExpired(client);
    }
  }

  private static JsonNode refresh(WebSocketClient client, String token) throws IOException {
    client.send("{\"id\":1,\"op\":\"refresh\",\"token\":\"" + token + "\"}");
    return Json.parse(client.receiveText());
  }

  private static int code(JsonNode answer) {
    return answer.get("error").get("code").intValue();
  }

  @Test
  void whoCameWithoutATokenIsNobodyLater() throws IOException {
    ServerConfig config =
        Configs.withKey("sesame").withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)));
    try (TestServer keyed = TestServer.start(config, clock);
        WebSocketClient client =
            WebSocketClient.open(
                keyed,
                "/channels",
                HalleyV1Listener.SUBPROTOCOL,
                "Authorization: Bearer sesame\r\n")) {
      assertThat(code(refresh(client, TestTokens.good(in(LONG))))).isEqualTo(403);
    }
  }
}
