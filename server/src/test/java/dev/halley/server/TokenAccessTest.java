package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may do what with JSON Web Tokens. */
class TokenAccessTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final List<String> TRANSPORTS =
      List.of(
          "",
          "Prefer: wait=30\r\n",
          SSE,
          HttpSocket.UPGRADE,
          HttpSocket.UPGRADE + "Sec-WebSocket-Protocol: halley.v1\r\n");

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start(config());
    server.publish("room.1", "hello");
    server.publish("other", "hello");
  }

  private static ServerConfig config() {
    return Configs.withKey("sesame").withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anIdempotencyKeyIsOfTheOneWhoPublishes() throws Exception {
    String key = TEXT + "Idempotency-Key: order-1\r\n";
    List<String> publishers =
        List.of(bearer(TestTokens.of("ann")), bearer(TestTokens.of("bob")), bearer("sesame"));
    for (String publisher : publishers) {
      for (int i = 0; i < 2; i++) {
        Answer answer =
            HttpSocket.post(
                server,
                "/channels/room.42",
                key + publisher,
                "by " + publishers.indexOf(publisher));
        assertThat(answer.status()).isEqualTo(201);
      }
    }
    Answer all = HttpSocket.get(server, "/channels/room.42", bearer("sesame"));
    assertThat(Json.parse(all.body()).get("publications")).hasSize(3);
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  private static String cookie(String token) {
    return "Cookie: a=b; halley-token=" + token + "; c=d\r\n";
  }

  private int status(String target, String fields) throws IOException {
    return HttpSocket.status(server, target, fields);
  }

  private static int good(String fields) {
    return fields.startsWith(HttpSocket.UPGRADE) ? 101 : 200;
  }

  // ---- listening ----

  @Test
  void eachTransportTakesATokenInEachPlace() throws IOException {
    String token = TestTokens.good();
    for (String fields : TRANSPORTS) {
      String poll = "/channels/room.1?since=earliest";
      assertThat(status(poll, fields + bearer(token))).isEqualTo(good(fields));
      assertThat(status(poll, fields + cookie(token))).isEqualTo(good(fields));
      assertThat(status(poll + "&token=" + token, fields)).isEqualTo(good(fields));
    }
  }

  @Test
  void withoutATokenNobodyListens() throws IOException {
    for (String fields : TRANSPORTS) {
      Answer answer = HttpSocket.get(server, "/channels/room.1", fields);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.field("www-authenticate")).contains("Bearer realm=\"halley\"");
      PublishTest.assertError(answer, 401);
    }
    assertThat(status("/channels", HttpSocket.UPGRADE + "Sec-WebSocket-Protocol: halley.v1\r\n"))
        .isEqualTo(401);
  }

  @Test
  void aBadTokenIsRefusedInEachPlaceOnEachTransport() throws IOException {
    String forged = TestTokens.hs256("another secret of thirty-two bytes!".getBytes(UTF_8), "{}");
    for (String token : List.of("junk", forged, TestTokens.good(Instant.now().minusSeconds(1)))) {
      for (String fields : TRANSPORTS) {
        for (Answer answer :
            List.of(
                HttpSocket.get(server, "/channels/room.1", fields + bearer(token)),
                HttpSocket.get(server, "/channels/room.1", fields + cookie(token)),
                HttpSocket.get(server, "/channels/room.1?token=" + token, fields))) {
          assertThat(answer.status()).isEqualTo(401);
          assertThat(answer.field("www-authenticate").orElseThrow())
              .startsWith("Bearer realm=\"halley\", error=\"invalid_token\", error_description=");
          assertThat(answer.body()).doesNotContain(token);
        }
      }
    }
    assertThat(server.server().metrics().tokensRefused().sum()).isPositive();
  }

  @Test
  void aTokenIsForTheChannelsThatItNames() throws IOException {
    String token = bearer(TestTokens.good());
    for (String fields : TRANSPORTS) {
      for (String channels : List.of("other", "room.1,other", "room", "ROOM.1", "xroom.1")) {
        Answer answer = HttpSocket.get(server, "/channels/" + channels, fields + token);
        assertThat(answer.status()).as(channels).isEqualTo(403);
        assertThat(answer.field("www-authenticate").orElseThrow())
            .contains("error=\"insufficient_scope\"");
      }
    }
  }

  @Test
  void namesThatLookLikeAnotherAreNone() throws IOException {
    String token = bearer(TestTokens.good());
    for (String name :
        List.of(
            "room.*",
            "room.%2A",
            "*",
            "%2a",
            "room.1%2Fother",
            "room.1/other",
            "room.1%00",
            "room.1%0d%0a",
            "room.%D1%80",
            "%72oom.1%20",
            "ro%C3%B6m.1",
            "room.1%2C",
            "..%2Froom.1",
            "room.1;x",
            "room.1\\x",
            "%EF%BD%92oom.1")) {
      assertThat(status("/channels/" + name, token)).as(name).isEqualTo(400);
    }
    // The same name in another spelling is the same name.
    assertThat(status("/channels/%72oom%2E1", token)).isEqualTo(200);
    assertThat(status("/channels/other%2Croom.1", token)).isEqualTo(400);
  }

  @Test
  void aTokenInTwoPlacesOrTwiceIsRefused() throws IOException {
    String token = TestTokens.good();
    assertThat(status("/channels/room.1?token=" + token, bearer(token))).isEqualTo(400);
    assertThat(status("/channels/room.1?token=" + token + "&token=x", "")).isEqualTo(400);
    assertThat(status("/channels/room.1", bearer(token) + bearer(token))).isEqualTo(400);
    assertThat(status("/channels/room.1", cookie(token) + cookie("x"))).isEqualTo(400);
  }

  @Test
  void whatIsSaidGoesBeforeWhatIsSentUnasked() throws IOException {
    assertThat(status("/channels/room.1", cookie("junk") + bearer(TestTokens.good())))
        .isEqualTo(200);
    assertThat(status("/channels/room.1", cookie(TestTokens.good()) + bearer("junk")))
        .isEqualTo(401);
  }

  @Test
  void aCookieIsNoForeignPagesToUse() throws IOException {
    ServerConfig.Access any = new ServerConfig.Access(Optional.empty(), List.of("*"));
    try (TestServer open = TestServer.start(config().withAccess(any))) {
      String cookie = cookie(TestTokens.good());
      String own = "Origin: http://" + open.authority() + "\r\n";
      String evil = "Origin: https://evil.example.org\r\n";
      for (String fields : TRANSPORTS) {
        assertThat(HttpSocket.get(open, "/channels/room.1", fields + cookie + evil).status())
            .isEqualTo(401);
      }
      assertThat(HttpSocket.get(open, "/channels/room.1", cookie + own).status()).isEqualTo(200);
    }
  }

  @Test
  void theKeyMayDoEverything() throws IOException {
    for (String fields : TRANSPORTS) {
      assertThat(status("/channels/other", fields + bearer("sesame"))).isIn(200, 101);
    }
    assertThat(HttpSocket.post(server, "/channels/other", TEXT + bearer("sesame"), "x").status())
        .isEqualTo(201);
    // In a URL it would be written down.
    assertThat(status("/channels/other?token=sesame", "")).isEqualTo(401);
  }

  // ---- publishing ----

  @Test
  void aTokenPublishesWhereItMay() throws IOException {
    String token = TestTokens.good();
    for (String credentials : List.of(bearer(token), cookie(token))) {
      assertThat(post("/channels/room.42", TEXT + credentials, "x")).isEqualTo(201);
      assertThat(post("/channels/room.1", TEXT + credentials, "x")).isEqualTo(403);
      assertThat(post("/publish", JSON + credentials, entries("room.42"))).isEqualTo(201);
      assertThat(post("/publish", JSON + credentials, entries("room.42", "other"))).isEqualTo(403);
    }
    assertThat(post("/channels/room.42", TEXT, "x")).isEqualTo(401);
    assertThat(post("/channels/room.42", TEXT + bearer("junk"), "x")).isEqualTo(401);
    assertThat(post("/channels/room.42?token=" + token, TEXT, "x")).isEqualTo(400);
    assertThat(HttpSocket.get(server, "/channels/other", bearer("sesame")).body())
        .containsOnlyOnce("\"channel\":\"other\"");
  }

  private int post(String target, String fields, String body) throws IOException {
    return HttpSocket.post(server, target, fields, body).status();
  }

  private static String entries(String... channels) {
    StringBuilder json = new StringBuilder();
    for (String channel : channels) {
      json.append(json.isEmpty() ? "[" : ",")
          .append("{\"channel\":\"" + channel + "\",\"data\":1}");
    }
    return json.append(']').toString();
  }

  @Test
  void eachCommandIsCheckedForItsChannel() throws Exception {
    try (WebSocketClient client = v1("/channels", bearer(TestTokens.good()))) {
      assertThat(code(client, "subscribe", "room.1")).isZero();
      assertThat(code(client, "subscribe", "other")).isEqualTo(403);
      assertThat(code(client, "history", "room.9")).isZero();
      assertThat(code(client, "history", "other")).isEqualTo(403);
      assertThat(code(client, "publish", "room.42")).isZero();
      assertThat(code(client, "publish", "room.1")).isEqualTo(403);
      assertThat(code(client, "subscribe", "room.*")).isEqualTo(400);
    }
  }

  private WebSocketClient v1(String target, String fields) throws IOException {
    return WebSocketClient.open(server, target, HalleyV1Listener.SUBPROTOCOL, fields);
  }

  /** The error's code, or 0. */
  private static int code(WebSocketClient client, String op, String channel) throws IOException {
    String data = op.equals("publish") ? ",\"data\":1" : "";
    client.send("{\"id\":7,\"op\":\"" + op + "\",\"channel\":\"" + channel + "\"" + data + "}");
    JsonNode answer = Json.parse(client.receiveText());
    assertThat(answer.get("id").intValue()).isEqualTo(7);
    return answer.has("error") ? answer.get("error").get("code").intValue() : 0;
  }

  @Test
  void aBareWebSocketPublishesWhereItMay() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/room.42", List.of(), bearer(TestTokens.good()))) {
      client.send("mine");
      assertThat(client.receiveText()).isEqualTo("mine");
    }
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/room.1", List.of(), bearer(TestTokens.good()))) {
      client.send("mine");
      assertThat(((WebSocketClient.Message.Closed) client.receive()).code()).isEqualTo(4403);
    }
  }

  @Test
  void aTokenInTheUrlIsForListeningOnly() throws Exception {
    String target = "/channels/room.42?token=" + TestTokens.good();
    try (WebSocketClient client = WebSocketClient.open(server, target, List.of(), "")) {
      server.publish("room.42", "heard");
      assertThat(client.receiveText()).isEqualTo("heard");
      client.send("mine");
      assertThat(((WebSocketClient.Message.Closed) client.receive()).code()).isEqualTo(4401);
    }
    try (WebSocketClient client = v1("/channels?token=" + TestTokens.good(), "")) {
      assertThat(code(client, "publish", "room.42")).isEqualTo(401);
      assertThat(code(client, "publish", "room.1")).isEqualTo(403);
      assertThat(code(client, "history", "room.42")).isZero();
    }
    assertThat(HttpSocket.get(server, "/channels/room.42", bearer("sesame")).body())
        .contains("heard")
        .doesNotContain("mine");
  }

  /** What a page can do: its handshake has no Authorization, its messages may have a token. */
  @Test
  void aTokenInAMessagePublishesWhereItMay() throws Exception {
    try (WebSocketClient client = v1("/channels?token=" + TestTokens.good(), "")) {
      client.send("{\"id\":1,\"op\":\"refresh\",\"token\":\"" + TestTokens.good() + "\"}");
      assertThat(Json.parse(client.receiveText()).has("error")).isFalse();
      assertThat(code(client, "publish", "room.42")).isZero();
      assertThat(code(client, "publish", "room.1")).isEqualTo(403);
    }
  }

  @Test
  void aCookieDoesntCountOnWhatAPageOfAnotherSiteFetches() throws IOException {
    String cookie = cookie(TestTokens.good());
    for (String site : List.of("cross-site", "same-site")) {
      for (String how : List.of("no-cors", "navigate", "websocket", "cors")) {
        String fields = "Sec-Fetch-Site: " + site + "\r\nSec-Fetch-Mode: " + how + "\r\n" + cookie;
        assertThat(status("/channels/room.1", fields)).as(fields).isEqualTo(401);
        assertThat(status("/channels/room.1", fields + SSE)).as(fields).isEqualTo(401);
      }
    }
    for (String site : List.of("same-origin", "none")) {
      assertThat(status("/channels/room.1", "Sec-Fetch-Site: " + site + "\r\n" + cookie))
          .isEqualTo(200);
    }
    // A page that is allowed by name says so by its Origin, wherever it is.
    String own = "Origin: http://" + server.authority() + "\r\nSec-Fetch-Site: cross-site\r\n";
    assertThat(status("/channels/room.1", own + cookie)).isEqualTo(200);
  }

  @Test
  void theOperatorsPageIsNotForTokens() throws IOException {
    String token = TestTokens.good();
    assertThat(status("/admin/api/overview", bearer(token))).isEqualTo(401);
    assertThat(status("/admin/api/overview?token=" + token, "")).isEqualTo(401);
    assertThat(status("/admin/api/overview", bearer("sesame") + cookie("junk"))).isEqualTo(200);
  }

  @Test
  void noLogShowsAToken() throws IOException {
    String good = TestTokens.good();
    String expired = TestTokens.good(Instant.EPOCH);
    try (RecordedLog log = RecordedLog.begin()) {
      System.getLogger("here").log(System.Logger.Level.DEBUG, "it records");
      for (String token : List.of(good, expired, expired + "x")) {
        for (String fields : TRANSPORTS) {
          status("/channels/room.1?token=" + token, fields);
          status("/channels/room.1", fields + cookie(token));
          status("/channels/room.1", fields + bearer(token));
        }
      }
      try (WebSocketClient client = v1("/channels", bearer(good))) {
        for (String token : List.of(good, expired)) {
          client.send("{\"id\":1,\"op\":\"refresh\",\"token\":\"" + token + "\"}");
          client.receiveText();
        }
      }
      assertThat(log.lines()).contains("it records");
      assertThat(String.join("\n", log.lines())).doesNotContain(good).doesNotContain(expired);
    }
  }

  @Test
  void aTokenMeansNothingWhereNoneAreKnown() throws IOException {
    try (TestServer plain = TestServer.start()) {
      assertThat(HttpSocket.get(plain, "/channels/a?token=junk", bearer("junk")).status())
          .isEqualTo(200);
    }
  }

  @Test
  void aRefusedHandshakeSaysWhy() {
    assertThatThrownBy(() -> v1("/channels/room.1?token=junk", ""))
        .hasMessageContaining("401")
        .hasMessageContaining("That is no signed JSON Web Token");
  }
}
