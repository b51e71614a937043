package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.Cursor;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.Tail;
import dev.halley.server.FakeApplication.Asked;
import dev.halley.server.FakeApplication.Reply;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
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

  /** What it says depends on the event alone. */
  private static Reply by(Map<String, String> answers) {
    return question ->
        FakeApplication.say(answers.getOrDefault(question.event(), "{\"allow\":true}"))
            .to(question);
  }

  /** Lets in, as soon as there is a permit for each channel. */
  private static Reply yesToSubscribingAfter(Semaphore open) {
    return question -> {
      if (question.event().equals("subscribe")) {
        open.acquire();
      }
      FakeApplication.YES.to(question);
    };
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
  void whatTheConnectionIsGrantedIsntAskedAbout() throws Exception {
    application.replies(
        by(
            Map.of(
                "connect",
                "{\"allow\":true,\"user\":\"ann\","
                    + "\"channels\":{\"subscribe\":[\"room.*\"],\"publish\":[\"room.1\"]}}",
                "subscribe",
                "{\"allow\":false}",
                "publish",
                "{\"allow\":false}")));
    try (WebSocketClient client = v1("/channels/room.1", "")) {
      assertThat(client.receiveText()).contains("subscribed");
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"room.2\"}");
      assertThat(client.receiveText()).contains("\"id\":1,\"position\"");
      client.send("{\"id\":2,\"op\":\"publish\",\"channel\":\"room.1\",\"data\":\"x\"}");
      assertThat(client.receiveText() + client.receiveText()).contains("\"id\":2,\"position\"");
      client.send("{\"id\":3,\"op\":\"publish\",\"channel\":\"room.2\",\"data\":\"x\"}");
      assertThat(client.receiveText()).contains("\"id\":3,\"error\":{\"code\":403");
      client.send("{\"id\":4,\"op\":\"subscribe\",\"channel\":\"other\"}");
      assertThat(client.receiveText()).contains("\"id\":4,\"error\":{\"code\":403");
    }
    assertThat(application.next("publish").text("user")).isEqualTo("ann");
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
    application.replies(by(Map.of("publish", "{\"allow\":false,\"reason\":\"Quiet, please\"}")));
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

  /** Answers the questions about publishing one by one, in the order that the test wants. */
  private static final class OneByOne implements Reply {
    final Map<String, Semaphore> gates = new ConcurrentHashMap<>();

    Semaphore gate(String data) {
      return gates.computeIfAbsent(data, it -> new Semaphore(0));
    }

    @Override
    public void to(Asked asked) throws IOException, InterruptedException {
      if (asked.event().equals("publish")) {
        gate(asked.text("data")).acquire();
      }
      boolean allow = !asked.text("data").equals("no");
      FakeApplication.say("{\"allow\":" + allow + "}").to(asked);
    }
  }

  @Test
  void publicationsOfOneConnectionKeepTheirOrderWhicheverAnswerComesFirst() throws Exception {
    OneByOne answers = new OneByOne();
    application.replies(answers);
    try (WebSocketClient listener = WebSocketClient.open(server, "/channels/order", List.of(), "");
        WebSocketClient bare = WebSocketClient.open(server, "/channels/order", List.of(), "");
        WebSocketClient client = v1("/channels", "")) {
      for (String data : List.of("one", "no", "two")) {
        client.send(
            "{\"id\":\""
                + data
                + "\",\"op\":\"publish\",\"channel\":\"order\",\"data\":\""
                + data
                + "\"}");
      }
      client.send("{\"id\":\"h\",\"op\":\"history\",\"channel\":\"order\"}");
      client.send("{\"id\":\"x\",\"op\":\"publish\",\"channel\":\"elsewhere\",\"data\":\"x\"}");
      for (int i = 0; i < 4; i++) {
        application.next("publish");
      }
      answers.gate("two").release();
      answers.gate("x").release();
      // Another channel doesn't wait.
      assertThat(client.receiveText()).contains("\"id\":\"x\",\"position\"");
      answers.gate("no").release();
      answers.gate("one").release();
      assertThat(client.receiveText()).contains("\"id\":\"one\",\"position\"");
      assertThat(client.receiveText()).contains("\"id\":\"no\",\"error\":{\"code\":403");
      assertThat(client.receiveText()).contains("\"id\":\"two\",\"position\"");
      assertThat(client.receiveText()).contains("\"id\":\"h\",\"publications\":[{");
      assertThat(listener.receiveText()).isEqualTo("one");
      assertThat(listener.receiveText()).isEqualTo("two");

      bare.send("three");
      bare.send("four");
      application.next("publish");
      application.next("publish");
      answers.gate("four").release();
      answers.gate("three").release();
      assertThat(listener.receiveText()).isEqualTo("three");
      assertThat(listener.receiveText()).isEqualTo("four");
    }
  }

  @Test
  void unsubscribingWaitsForTheSubscriptionThatIsAskedAbout() throws Exception {
    Semaphore open = new Semaphore(0);
    application.replies(yesToSubscribingAfter(open));
    try (WebSocketClient client = v1("/channels", "")) {
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"a\"}");
      client.send("{\"id\":2,\"op\":\"unsubscribe\",\"channel\":\"a\"}");
      client.send("{\"id\":3,\"op\":\"subscribe\",\"channel\":\"a\"}");
      application.next("subscribe");
      open.release(2);
      assertThat(client.receiveText()).contains("\"id\":1,\"position\"");
      assertThat(client.receiveText()).contains("\"id\":2,\"position\"");
      assertThat(client.receiveText()).contains("\"id\":3,\"position\"");
    }
  }

  @Test
  void aConnectionThatEndsWhileItIsAskedAboutLeavesNothingBehind() throws Exception {
    OneByOne answers = new OneByOne();
    application.replies(answers);
    try (WebSocketClient client = v1("/channels/order", "")) {
      client.receiveText();
      client.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"order\",\"data\":\"gone\"}");
      application.next("publish");
    }
    application.next("disconnect");
    answers.gate("gone").release();
    // The next question is answered after that one.
    assertThat(status("/channels/order", "")).isEqualTo(200);
    assertThat(server.server().publications()).isZero();
  }

  // ---- the end ----

  @Test
  void theApplicationIsToldWhoHasGone() throws Exception {
    application.replies(by(Map.of("connect", "{\"allow\":true,\"user\":\"ann\"}")));
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
    application.replies(yesToSubscribingAfter(open));
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a", SSE, ""));
      application.next("subscribe");
    }
    // What is left is the scrape's own.
    Scrape.until(server, "halley_connections{transport=\"http\"}", it -> it == 1);
    open.release(2);
    assertThat(application.next("disconnect").text("channels")).isEqualTo("[]");
  }

  /** A broker that says nothing of its history before it is open. */
  private record Held(Broker broker, Semaphore asked, CompletableFuture<Void> open)
      implements Broker {
    @Override
    public CompletionStage<StreamPosition> publish(
        String channel, Payload payload, Optional<String> idempotencyKey) {
      return broker.publish(channel, payload, idempotencyKey);
    }

    @Override
    public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
      asked.release();
      return open.thenCompose(it -> broker.history(channel, since, limit));
    }

    @Override
    public Tail follow(String channel, Runnable onGrow) {
      return broker.follow(channel, onGrow);
    }

    @Override
    public void close() {
      broker.close();
    }
  }

  @Test
  void aConnectionThatWasAllowedAndTheBrokerFailsOrKeepsWaitingIsGone() throws Exception {
    Semaphore asked = new Semaphore(0);
    CompletableFuture<Void> open = new CompletableFuture<>();
    try (TestServer slow =
        TestServer.start(
            TestServer.config().withHooks(application.hooks()),
            MemoryBroker.Config.defaults(),
            broker -> new Held(broker, asked, open))) {
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
