package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.FakeApplication.Asked;
import dev.halley.server.HooksConfig.Event;
import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.WebSocketClient.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the application is asked, and what comes of its answers, on each transport. */
class HooksTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final String COOKIE = "Cookie: session=s3cret\r\n";
  private static final String SIGNING = "a secret of no less than thirty-two bytes";
  private static final List<String> TRANSPORTS =
      List.of(
          "",
          "Prefer: wait=1\r\n",
          SSE,
          HttpSocket.UPGRADE,
          HttpSocket.UPGRADE + "Sec-WebSocket-Protocol: halley.v1\r\n");

  private final ManualClock clock = new ManualClock();
  private FakeApplication application;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    application = new FakeApplication();
    restart(TestServer.config().withHooks(application.hooks().withSecret(SIGNING)));
  }

  private void restart(ServerConfig config) throws IOException {
    if (server != null) {
      server.close();
    }
    server = TestServer.start(config, clock);
    server.publish("chat", "hello");
  }

  @AfterEach
  void stop() {
    server.close();
    application.close();
  }

  private int status(String target, String fields) throws IOException {
    return HttpSocket.status(server, target, fields);
  }

  private WebSocketClient v1(String target, String fields) throws IOException {
    return WebSocketClient.open(server, target, HalleyV1Listener.SUBPROTOCOL, fields);
  }

  // ---- listening ----

  @Test
  void theApplicationsYesLetsInOnEachTransport() throws Exception {
    for (String fields : TRANSPORTS) {
      assertThat(status("/channels/chat", fields)).as(fields).isIn(200, 101);
    }
  }

  @Test
  void theApplicationsNoIs403OnEachTransport() throws Exception {
    application.replies(FakeApplication.NO);
    for (String fields : TRANSPORTS) {
      Answer answer = HttpSocket.get(server, "/channels/chat", fields);
      assertThat(answer.status()).as(fields).isEqualTo(403);
      assertThat(answer.body()).contains("Not you");
    }
  }

  @Test
  void aConnectionIsAskedAboutBeforeItsChannelsAndAPollIsNot() throws Exception {
    status("/channels/chat", "");
    assertThat(application.events()).containsExactly("subscribe");
    status("/channels/chat", SSE);
    assertThat(application.next().event()).isEqualTo("connect");
    assertThat(application.next().event()).isEqualTo("subscribe");
    assertThat(application.next().event()).isEqualTo("disconnect");
  }

  @Test
  void theQuestionSaysWhoWantsWhat() throws Exception {
    status("/channels/chat?token=mine", COOKIE + "User-Agent: test\r\nX-Other: no\r\n");
    Asked asked = application.next();
    assertThat(asked.text("channel")).isEqualTo("chat");
    assertThat(asked.text("address")).isEqualTo("127.0.0.1");
    assertThat(asked.text("transport")).isEqualTo("poll");
    assertThat(asked.text("token")).isEqualTo("mine");
    assertThat(asked.header("cookie")).isEqualTo("session=s3cret");
    assertThat(asked.header("user-agent")).isEqualTo("test");
    assertThat(asked.header("x-other")).isEqualTo("none");
    assertThat(asked.text("id")).hasSize(36);
    assertThat(asked.text("user")).isEmpty();
  }

  @Test
  void theQuestionIsSigned() throws Exception {
    status("/channels/chat", "");
    Asked asked = application.next();
    long now = clock.instant().getEpochSecond();
    byte[] signed = (now + "." + asked.body()).getBytes(UTF_8);
    String hex = HexFormat.of().formatHex(TestTokens.hmac(SIGNING.getBytes(UTF_8)).sign(signed));
    assertThat(asked.field("Halley-Signature")).isEqualTo("t=" + now + ",v1=" + hex);
  }

  @Test
  void aChannelThatIsRefusedRefusesTheRequest() throws Exception {
    application.replies(
        question ->
            (question.text("channel").equals("b") ? FakeApplication.NO : FakeApplication.YES)
                .to(question));
    assertThat(status("/channels/a,b", "")).isEqualTo(403);
    assertThat(status("/channels/a,c", "")).isEqualTo(200);
  }

  @Test
  void theKeyIsNotAskedAbout() throws Exception {
    restart(Configs.withKey("sesame").withHooks(application.hooks()));
    application.replies(FakeApplication.NO);
    String key = "Authorization: Bearer sesame\r\n";
    assertThat(status("/channels/chat", key + SSE)).isEqualTo(200);
    assertThat(HttpSocket.post(server, "/channels/chat", key + TEXT, "x").status()).isEqualTo(201);
    assertThat(application.events()).isEmpty();
    // Whatever isn't the key is the application's own to look at.
    assertThat(status("/channels/chat", "Authorization: Bearer other\r\n")).isEqualTo(403);
    assertThat(application.next().header("authorization")).isEqualTo("Bearer other");
  }

  @Test
  void aTokenIsCheckedFirstAndItsClaimsAreTold() throws Exception {
    restart(
        TestServer.config()
            .withTokens(TokenConfig.of(new TokenConfig.Keys.Secret(TestTokens.SECRET)))
            .withHooks(application.hooks()));
    String good = TestTokens.good(clock.instant().plusSeconds(60));
    assertThat(status("/channels/other?token=" + good, "")).isEqualTo(200);
    Asked asked = application.next();
    assertThat(asked.text("user")).isEqualTo("ann");
    assertThat(asked.text("claims")).contains("\"sub\":\"ann\"").contains("\"room.*\"");
    assertThat(asked.text("token")).isEmpty();
    assertThat(status("/channels/other?token=" + good + "x", "")).isEqualTo(401);
    assertThat(application.events()).isEmpty();
    application.replies(FakeApplication.say("{\"allow\":true,\"user\":\"bob\"}"));
    assertThat(status("/channels/other?token=" + good, "")).isEqualTo(403);
  }

  @Test
  void policiesSayWhereItIsAsked() throws Exception {
    restart(
        Configs.withKey("sesame")
            .withHooks(application.hooks())
            .withPolicies(
                List.of(
                    ChannelPolicy.of("open").withSubscribe(Permission.ANYONE),
                    ChannelPolicy.of("inner").withSubscribe(Permission.KEY),
                    ChannelPolicy.of("asked").withSubscribe(Permission.HOOK))));
    assertThat(status("/channels/open", "")).isEqualTo(200);
    assertThat(status("/channels/inner", "")).isEqualTo(401);
    assertThat(application.events()).isEmpty();
    assertThat(status("/channels/asked,open", "")).isEqualTo(200);
    assertThat(application.events()).containsExactly("subscribe");
    assertThatThrownBy(
            () ->
                ServerConfig.defaults()
                    .withPolicies(List.of(ChannelPolicy.of("a").withSubscribe(Permission.HOOK))))
        .hasMessage(
            "the policy for a asks the application: set hooks.url, and the event in hooks.events");
  }

  @Test
  void itIsAskedOfTheEventsThatItWants() throws Exception {
    restart(TestServer.config().withHooks(application.hooks().withEvents(Set.of(Event.PUBLISH))));
    application.replies(FakeApplication.NO);
    assertThat(status("/channels/chat", SSE)).isEqualTo(200);
    assertThat(application.events()).isEmpty();
    assertThat(HttpSocket.post(server, "/channels/chat", TEXT, "x").status()).isEqualTo(403);
  }

  @Test
  void aForeignPageThatMayUseTheServerDoesntUseTheCookiesByADetour() throws Exception {
    restart(Configs.withOrigins("*").withHooks(application.hooks()));
    status("/channels/chat", COOKIE + "Origin: https://evil.example\r\n");
    Asked asked = application.next();
    assertThat(asked.header("cookie")).isEqualTo("none");
    assertThat(asked.header("origin")).isEqualTo("https://evil.example");
  }

  @Test
  void whatComesToNothingAnywayIsntAskedAbout() throws Exception {
    assertThat(status("/channels", SSE)).isEqualTo(400);
    assertThat(status("/channels", HttpSocket.UPGRADE)).isEqualTo(400);
    assertThat(status("/channels/chat", HttpSocket.UPGRADE.replace("Version: 13", "Version: 12")))
        .isEqualTo(426);
    assertThat(application.events()).isEmpty();
  }

  // ---- publishing ----

  @Test
  void aPublicationIsShownToTheApplication() throws Exception {
    assertThat(HttpSocket.post(server, "/channels/chat", TEXT, "\"hi\"").status()).isEqualTo(201);
    Asked text = application.next();
    assertThat(text.event()).isEqualTo("publish");
    assertThat(text.text("transport")).isEqualTo("http");
    assertThat(text.json().get("data").stringValue()).isEqualTo("\"hi\"");
    HttpSocket.post(server, "/channels/chat", JSON, "{\"n\":[1]}");
    assertThat(application.next().json().get("data").get("n").get(0).intValue()).isEqualTo(1);
    HttpSocket.post(server, "/channels/chat", "", "\u0001");
    assertThat(application.next().text("base64")).isEqualTo("AQ==");
  }

  @Test
  void whatIsRefusedIsNotPublished() throws Exception {
    application.replies(FakeApplication.NO);
    Answer answer = HttpSocket.post(server, "/channels/chat", TEXT, "x");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).contains("Not you");
    assertThat(server.server().publications()).isZero();
  }

  @Test
  void ofABatchAllIsPublishedOrNothing() throws Exception {
    application.replies(
        question ->
            (question.text("channel").equals("b") ? FakeApplication.NO : FakeApplication.YES)
                .to(question));
    String refused = "[{\"channel\":\"a\",\"data\":1},{\"channel\":\"b\",\"data\":2}]";
    assertThat(HttpSocket.post(server, "/publish", JSON, refused).status()).isEqualTo(403);
    assertThat(server.server().publications()).isZero();
    String allowed = refused.replace("\"b\"", "\"c\"");
    assertThat(HttpSocket.post(server, "/publish", JSON, allowed).status()).isEqualTo(201);
    assertThat(server.server().publications()).isEqualTo(2);
    String many = "[" + "{\"channel\":\"a\",\"data\":1},".repeat(100) + allowed.substring(1);
    assertThat(HttpSocket.post(server, "/publish", JSON, many).status()).isEqualTo(400);
  }

  @Test
  void aBareWebSocketIsClosedWithTheApplicationsNo() throws Exception {
    application.replies(
        FakeApplication.by(Map.of("publish", "{\"allow\":false,\"reason\":\"Quiet, please\"}")));
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/chat", List.of(), "")) {
      client.send("x");
      assertThat(client.receive()).isEqualTo(new Message.Closed(4403, "Quiet, please"));
    }
    application.replies(
        question ->
            FakeApplication.status(
                    question.event().equals("publish") ? 500 : 200, "{\"allow\":true}")
                .to(question));
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/chat", List.of(), "")) {
      client.send("x");
      assertThat(client.receive())
          .isEqualTo(new Message.Closed(1013, "The application can't be asked now"));
    }
  }

  // ---- the end ----

  @Test
  void theApplicationIsToldWhoHasGone() throws Exception {
    application.replies(FakeApplication.by(Map.of("connect", "{\"allow\":true,\"user\":\"ann\"}")));
    String connection;
    try (WebSocketClient client = v1("/channels/a", "")) {
      connection = application.next("connect").text("connection");
      client.receiveText();
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"b\"}");
      client.receiveText();
      clock.advance(Duration.ofSeconds(3));
    }
    Asked gone = application.next("disconnect");
    assertThat(gone.text("connection")).isEqualTo(connection);
    assertThat(gone.text("user")).isEqualTo("ann");
    assertThat(gone.text("channels")).isEqualTo("[\"a\",\"b\"]");
    assertThat(gone.text("milliseconds")).isEqualTo("3000");
    assertThat(gone.text("transport")).isEqualTo("websocket");
  }

  @Test
  void noticesOfTheLastConnectionsAreSentBeforeTheServerStops() throws Exception {
    CompletableFuture<Void> closed;
    try (WebSocketClient client = v1("/channels/a", "")) {
      client.receiveText();
      closed = CompletableFuture.runAsync(server::close, TestServer.THREADS);
      assertThat(client.receive()).isEqualTo(new Message.Closed(1001, "The server stops"));
    }
    closed.join();
    assertThat(application.next("disconnect").text("channels")).isEqualTo("[\"a\"]");
  }

  @Test
  void aConnectionThatWasAllowedAndDidntWaitIsGone() throws Exception {
    Semaphore open = new Semaphore(0);
    application.replies(FakeApplication.yesToSubscribingAfter(open));
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a", SSE, ""));
      application.next("subscribe");
    }
    // What is left is the scrape's own.
    Scrape.until(server, "halley_connections{transport=\"http\"}", it -> it == 1);
    open.release(2);
    assertThat(application.next("disconnect").text("channels")).isEqualTo("[]");
  }

  @Test
  void aConnectionThatWasAllowedAndTheBrokerFailsOrKeepsWaitingIsGone() throws Exception {
    Semaphore asked = new Semaphore(0);
    CompletableFuture<Void> open = new CompletableFuture<>();
    try (TestServer slow =
        TestServer.start(
            TestServer.config().withHooks(application.hooks()),
            MemoryBroker.Config.defaults(),
            broker -> new HeldBroker(broker, asked, open))) {
      for (String fields : List.of(SSE, HttpSocket.UPGRADE)) {
        try (HttpSocket http = HttpSocket.connect(slow)) {
          http.send(HttpSocket.request(slow, "GET", "/channels/a?since=earliest", fields, ""));
          asked.acquire();
        }
        assertThat(application.next("disconnect").text("channels")).isEqualTo("[]");
      }
      open.completeExceptionally(new BrokerUnavailableException("It fails"));
      for (String fields : List.of(SSE, HttpSocket.UPGRADE)) {
        assertThat(HttpSocket.status(slow, "/channels/a?since=earliest", fields)).isEqualTo(503);
        assertThat(application.next("disconnect").text("channels")).isEqualTo("[]");
      }
    }
    assertThat(application.events()).isEmpty();
  }

  @Test
  void secretsDontPrint() {
    HooksConfig hooks = application.hooks().withSecret(SIGNING);
    assertThat(hooks.toString()).doesNotContain(SIGNING);
    assertThat(Optional.of(hooks).toString()).doesNotContain(SIGNING);
  }
}
