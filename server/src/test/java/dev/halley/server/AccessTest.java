package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may publish, and which pages may use the server. */
class AccessTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String GOOD_ORIGIN = "Origin: https://app.example.org\r\n";
  private static final String BAD_ORIGIN = "Origin: https://evil.example.org\r\n";
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final String PREFLIGHT =
      "Access-Control-Request-Method: POST\r\n"
          + "Access-Control-Request-Headers: content-type, authorization, idempotency-key\r\n";

  @Test
  void withoutTheKeyNothingIsPublished() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("sesame"))) {
      for (String fields :
          List.of(
              TEXT,
              TEXT + "Authorization: Bearer wrong\r\n",
              TEXT + "Authorization: Bearer sesamee\r\n",
              TEXT + "Authorization: Bearer \r\n",
              TEXT + "Authorization: Basic sesame\r\n",
              TEXT + "Authorization: sesame\r\n")) {
        Answer answer = HttpSocket.post(server, "/channels/locked", fields, "x");
        assertThat(answer.status()).as(fields).isEqualTo(401);
        assertThat(answer.field("www-authenticate").orElseThrow()).startsWith("Bearer");
        PublishTest.assertError(answer, 401);
      }
      assertThat(
              HttpSocket.post(server, "/publish", "Content-Type: application/json\r\n", "[]")
                  .status())
          .isEqualTo(401);
      assertThat(HttpSocket.get(server, "/channels/locked", "").body())
          .contains("\"publications\":[]");
    }
  }

  @Test
  void withTheKeyItIsPublished() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("sesame"))) {
      for (String scheme : List.of("Bearer", "bearer")) {
        Answer answer =
            HttpSocket.post(
                server, "/channels/open", TEXT + "Authorization: " + scheme + " sesame\r\n", "x");
        assertThat(answer.status()).isEqualTo(201);
      }
    }
  }

  @Test
  void nobodyBecomesAnonymousByAWrongKey() throws Exception {
    String wrong = "Authorization: Bearer wrong\r\n";
    try (TestServer server = TestServer.start(Configs.withKey("sesame"))) {
      for (String fields : List.of("", SSE, HttpSocket.UPGRADE)) {
        Answer answer = HttpSocket.get(server, "/channels/a", fields + wrong);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.field("www-authenticate").orElseThrow())
            .contains("error=\"invalid_token\"");
        assertThat(HttpSocket.get(server, "/channels/a", wrong + wrong).status()).isEqualTo(400);
      }
    }
  }

  @Test
  void aWebSocketWithoutTheKeyMayListenButNotPublish() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("sesame"));
        WebSocketClient client =
            WebSocketClient.open(server, "/channels/ws", HalleyV1Listener.SUBPROTOCOL, "")) {
      client.receiveText();
      client.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"ws\",\"data\":1}");
      JsonNode reply = Json.parse(client.receiveText());
      assertThat(reply.get("error").get("code").intValue()).isEqualTo(401);
      server.publish("ws", "heard");
      assertThat(client.receiveText()).contains("\"heard\"");
    }
  }

  @Test
  void aBareWebSocketWithoutTheKeyIsClosedWhenItPublishes() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("sesame"));
        WebSocketClient client = WebSocketClient.open(server, "/channels/ws", List.of(), "")) {
      client.send("x");
      var closed = (WebSocketClient.Message.Closed) client.receive();
      assertThat(closed.code()).isEqualTo(4401);
      assertThat(HttpSocket.get(server, "/channels/ws", "").body()).contains("\"publications\":[]");
    }
  }

  @Test
  void aWebSocketWithTheKeyMayPublish() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("sesame"));
        WebSocketClient client =
            WebSocketClient.open(
                server, "/channels/ws", List.of(), "Authorization: Bearer sesame\r\n")) {
      client.send("mine");
      assertThat(client.receiveText()).isEqualTo("mine");
    }
  }

  @Test
  void aForeignPageIsRefusedOnAllTransports() throws Exception {
    try (TestServer server = TestServer.start(Configs.withOrigins("https://app.example.org"))) {
      assertThat(HttpSocket.get(server, "/channels/a", BAD_ORIGIN).status()).isEqualTo(403);
      assertThat(HttpSocket.get(server, "/channels/a", BAD_ORIGIN + SSE).status()).isEqualTo(403);
      assertThat(HttpSocket.post(server, "/channels/a", BAD_ORIGIN + TEXT, "x").status())
          .isEqualTo(403);
      assertThat(HttpSocket.get(server, "/channels/a", BAD_ORIGIN + HttpSocket.UPGRADE).status())
          .isEqualTo(403);
      assertThat(HttpSocket.get(server, "/channels/a", "Origin: null\r\n").status()).isEqualTo(403);
      assertThat(HttpSocket.get(server, "/channels/a", "").body()).contains("\"publications\":[]");
    }
  }

  /** That it is there it knows; without the fields a script couldn't tell it from an outage. */
  @Test
  void aForeignPageMayReadThatItIsRefusedAndNothingElse() throws Exception {
    try (TestServer server = TestServer.start(Configs.withOrigins("https://app.example.org"))) {
      server.publish("a", "secret");
      for (String fields : List.of("", SSE, "Prefer: wait=30\r\n")) {
        for (String path : List.of("/channels/a", "/health/live", "/nothing")) {
          Answer answer = HttpSocket.get(server, path, BAD_ORIGIN + fields);
          PublishTest.assertError(answer, 403);
          assertThat(answer.field("access-control-allow-origin"))
              .contains("https://evil.example.org");
          assertThat(answer.field("access-control-allow-credentials")).isEmpty();
          assertThat(answer.field("halley-position")).isEmpty();
          assertThat(answer.body()).contains("--allow-origin https://evil.example.org");
        }
      }
    }
  }

  @Test
  void theOperatorIsToldOnceOfEachOriginThatIsRefused() throws Exception {
    try (RecordedLog log = RecordedLog.begin();
        TestServer server = TestServer.start(Configs.withOrigins("https://app.example.org"))) {
      for (int i = 0; i < 3; i++) {
        HttpSocket.get(server, "/channels/a", BAD_ORIGIN);
        HttpSocket.get(server, "/channels/a", BAD_ORIGIN + HttpSocket.UPGRADE);
        HttpSocket.get(server, "/channels/a", "Origin: null\r\n");
      }
      assertThat(log.with("was refused")).hasSize(2);
      assertThat(log.with("--allow-origin https://evil.example.org")).hasSize(1);
      try (HttpSocket http = HttpSocket.connect(server)) {
        for (int i = 0; i < 150; i++) {
          String origin = "Origin: https://" + i + ".example.org\r\n";
          http.send(HttpSocket.request(server, "GET", "/channels/a", origin, ""));
          assertThat(http.answer().status()).isEqualTo(403);
        }
      }
      assertThat(log.with("was refused")).hasSize(100);
      assertThat(log.with("Further origins")).hasSize(1);
    }
  }

  @Test
  void originsAreComparedAsBrowsersWriteThem() throws Exception {
    try (TestServer server =
        TestServer.start(
            Configs.withOrigins(
                "https://App.example.org:443/", "https://*.apps.example", "http://localhost:*"))) {
      for (String origin :
          List.of(
              "https://app.example.org",
              "https://one.apps.example",
              "https://one.two.apps.example",
              "http://localhost:5173")) {
        Answer answer = HttpSocket.get(server, "/channels/a", "Origin: " + origin + "\r\n");
        assertThat(answer.status()).as(origin).isEqualTo(200);
        assertThat(answer.field("access-control-allow-origin")).contains(origin);
        assertThat(answer.field("access-control-allow-credentials")).contains("true");
      }
      for (String origin : List.of("https://apps.example", "http://127.0.0.1:5173")) {
        assertThat(HttpSocket.status(server, "/channels/a", "Origin: " + origin + "\r\n"))
            .as(origin)
            .isEqualTo(403);
      }
    }
  }

  /** A proxy may write the scheme's own port into the Host, which no browser writes into Origin. */
  @Test
  void aHostWithTheSchemesOwnPortIsTheSameOrigin() throws Exception {
    try (TestServer server = TestServer.start()) {
      for (String pair :
          List.of(
              "http://localhost localhost:80",
              "https://localhost localhost:443",
              "https://localhost localhost",
              "http://LOCALHOST localhost")) {
        String[] parts = pair.split(" ", -1);
        assertThat(own(server, parts[0], parts[1])).as(pair).isEqualTo(200);
      }
      for (String pair :
          List.of("http://localhost localhost:443", "http://localhost localhost:81")) {
        String[] parts = pair.split(" ", -1);
        assertThat(own(server, parts[0], parts[1])).as(pair).isEqualTo(403);
      }
    }
  }

  private static int own(TestServer server, String origin, String host) throws IOException {
    return HttpSocket.exchange(
            server,
            "GET /channels/a HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin + "\r\n\r\n")
        .status();
  }

  /** To the browser a name that was made to point here is the page's own server: no Origin. */
  @Test
  void aPageWhoseNameWasMadeToPointHereGetsNothing() throws Exception {
    try (TestServer server = TestServer.start()) {
      server.publish("a", "secret");
      for (String path : List.of("/channels/a", "/publish", "/metrics", "/admin", "/")) {
        Answer answer = call(server, path, "evil.example.org:" + server.address().getPort(), "");
        assertThat(answer.status()).as(path).isEqualTo(403);
        assertThat(answer.body()).contains("--allow-host");
      }
      String own = "Origin: http://evil.example.org\r\n";
      assertThat(call(server, "/channels/a", "evil.example.org", own).status()).isEqualTo(403);
      assertThat(call(server, "/channels/a", "evil.example.org", own + HttpSocket.UPGRADE).status())
          .isEqualTo(403);
      for (String name :
          List.of(
              "localhost",
              "LOCALHOST:80",
              "127.0.0.1:1",
              "127.8.0.1",
              "[::1]:8080",
              "a.localhost")) {
        assertThat(call(server, "/channels/a", name, "").status()).as(name).isEqualTo(200);
      }
      for (String name :
          List.of("127.0.0.1.evil.example", "localhost.evil.example", "10.evil.example")) {
        assertThat(call(server, "/channels/a", name, "").status()).as(name).isEqualTo(403);
      }
    }
  }

  @Test
  void namesThatTheOperatorAllowsAreAnswered() throws Exception {
    ServerConfig config =
        TestServer.config()
            .withAccess(
                new ServerConfig.Access(
                    Optional.empty(),
                    List.of("https://app.example.org", "https://*.apps.example"),
                    List.of("push.example.org")));
    try (TestServer server = TestServer.start(config)) {
      for (String name :
          List.of(
              "push.example.org", "Push.example.org:8080", "app.example.org", "x.apps.example")) {
        assertThat(call(server, "/channels/a", name, "").status()).as(name).isEqualTo(200);
      }
      assertThat(call(server, "/channels/a", "apps.example", "").status()).isEqualTo(403);
    }
    try (TestServer server = TestServer.start(Configs.withKey("sesame"))) {
      assertThat(call(server, "/channels/a", "push.example.org", "").status()).isEqualTo(200);
    }
  }

  private static Answer call(TestServer server, String path, String host, String fields)
      throws IOException {
    return HttpSocket.exchange(
        server, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
  }

  @Test
  void aPageOnThePublicNetworkMayAskForThePrivateOne() throws Exception {
    try (TestServer server = TestServer.start(Configs.withOrigins("https://app.example.org"))) {
      String asks = PREFLIGHT + "Access-Control-Request-Private-Network: true\r\n";
      Answer answer =
          HttpSocket.exchange(
              server, HttpSocket.request(server, "OPTIONS", "/channels/a", GOOD_ORIGIN + asks, ""));
      assertThat(answer.field("access-control-allow-private-network")).contains("true");
    }
  }

  @Test
  void anAllowedPageIsToldThatItIs() throws Exception {
    try (TestServer server = TestServer.start(Configs.withOrigins("https://app.example.org"))) {
      for (String fields : List.of(GOOD_ORIGIN, GOOD_ORIGIN + "If-None-Match: \"a:0\"\r\n")) {
        Answer answer = HttpSocket.get(server, "/channels/a", fields);
        assertThat(answer.field("access-control-allow-origin")).contains("https://app.example.org");
        assertThat(answer.field("vary").orElse("").toLowerCase(Locale.ROOT)).contains("origin");
        assertThat(
                answer.field("access-control-expose-headers").orElse("").toLowerCase(Locale.ROOT))
            .contains("halley-position")
            .contains("etag");
      }
      try (WebSocketClient client =
          WebSocketClient.open(server, "/channels/a", List.of(), GOOD_ORIGIN)) {
        assertThat(client.head().status()).isEqualTo(101);
      }
    }
  }

  @Test
  void theServersOwnOriginIsAllowed() throws Exception {
    try (TestServer server = TestServer.start()) {
      String own = "Origin: http://" + server.authority() + "\r\n";
      assertThat(HttpSocket.get(server, "/channels/a", own).status()).isEqualTo(200);
      assertThat(HttpSocket.get(server, "/channels/a", GOOD_ORIGIN).status()).isEqualTo(403);
    }
  }

  @Test
  void anyOriginIsAllowedWithoutCredentials() throws Exception {
    try (TestServer server = TestServer.start(Configs.withOrigins("*"))) {
      Answer answer = HttpSocket.get(server, "/channels/a", BAD_ORIGIN);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("access-control-allow-origin")).contains("*");
      assertThat(answer.field("access-control-allow-credentials")).isEmpty();
    }
  }

  @Test
  void aPreflightIsAnswered() throws Exception {
    try (TestServer server =
        TestServer.start(
            TestServer.config()
                .withAccess(
                    new ServerConfig.Access(
                        Optional.of("sesame"), List.of("https://app.example.org"))))) {
      for (String path : List.of("/channels/a", "/publish")) {
        Answer answer =
            HttpSocket.exchange(
                server, HttpSocket.request(server, "OPTIONS", path, GOOD_ORIGIN + PREFLIGHT, ""));
        assertThat(answer.status()).isIn(200, 204);
        assertThat(answer.field("access-control-allow-origin")).contains("https://app.example.org");
        assertThat(answer.field("access-control-allow-methods").orElse("")).contains("POST");
        assertThat(answer.field("access-control-allow-headers").orElse("").toLowerCase(Locale.ROOT))
            .contains("content-type", "authorization", "idempotency-key");
        assertThat(answer.field("access-control-max-age")).isPresent();
      }
    }
  }

  @Test
  void aForeignPreflightIsRefused() throws Exception {
    try (TestServer server = TestServer.start(Configs.withOrigins("https://app.example.org"))) {
      Answer answer =
          HttpSocket.exchange(
              server,
              HttpSocket.request(server, "OPTIONS", "/channels/a", BAD_ORIGIN + PREFLIGHT, ""));
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.field("access-control-allow-origin")).isEmpty();
    }
  }
}
