package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import dev.halley.broker.PresenceLimits;
import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the server says to its broker of who listens, and to those who ask. */
class PresenceTest {
  private static final PresenceLimits FEW = new PresenceLimits(2, 10, 10);

  /** Whose renewals a test can wait for. */
  private static final Duration SHORT = Duration.ofSeconds(3);

  private static final Duration LEASE = Duration.ofHours(2);
  private static final Duration GRACE = Duration.ofHours(1);
  private static final String SSE = "Accept: text/event-stream\r\n";

  private RecordedPresence broker;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    start(LEASE, GRACE, FEW);
  }

  private void start(Duration lease, Duration grace, PresenceLimits limits) throws IOException {
    PresenceConfig presence = new PresenceConfig(false, lease, grace);
    start(config().withPresence(presence), limits, InstantSource.system());
  }

  private void start(ServerConfig config, PresenceLimits limits, InstantSource clock)
      throws IOException {
    server =
        TestServer.start(
            config,
            MemoryBroker.Config.defaults().withPresence(limits),
            real -> {
              broker = new RecordedPresence(real);
              return broker;
            },
            clock);
  }

  /** Channels with presence for those with a key, with a token, and for anyone. */
  static ServerConfig config() {
    return Configs.withKey("sesame")
        .withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)))
        .withPresence(new PresenceConfig(false, LEASE, GRACE))
        .withPolicies(
            List.of(
                ChannelPolicy.of("room.secret").withPresence(true).withSubscribe(Permission.KEY),
                ChannelPolicy.of("room.*").withPresence(true),
                ChannelPolicy.of("open.*")
                    .withPresence(true)
                    .withSubscribe(Permission.ANYONE)
                    .withPublish(Permission.ANYONE),
                ChannelPolicy.of("x*").withPresence(true).withSubscribe(Permission.ANYONE),
                ChannelPolicy.of("plain").withSubscribe(Permission.ANYONE)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  static JsonNode ask(TestServer server, String channel, String user) throws IOException {
    Answer answer =
        HttpSocket.get(server, "/channels/" + channel + "/presence", bearer(TestTokens.of(user)));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return Json.parse(answer.body());
  }

  static List<String> users(TestServer server, String channel) throws IOException {
    List<String> users = new ArrayList<>();
    for (JsonNode member : ask(server, channel, "somebody").get("members")) {
      users.add(member.get("user").stringValue());
    }
    return users;
  }

  static String bearer(String token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  private Answer get(String target, String fields) throws IOException {
    return HttpSocket.get(server, target, fields);
  }

  private WebSocketClient v1(String target, String user) throws IOException {
    return v1(server, target, user);
  }

  static WebSocketClient v1(TestServer server, String target, String user) throws IOException {
    return WebSocketClient.open(
        server, target, HalleyV1Listener.SUBPROTOCOL, bearer(TestTokens.of(user)));
  }

  private String said() throws InterruptedException {
    String said = broker.said().poll(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(said).isNotNull();
    return said == null ? "" : said;
  }

  static JsonNode answer(WebSocketClient client, String command) throws IOException {
    client.send(command);
    return Json.parse(client.receiveText());
  }

  // ---- leases ----

  @Test
  void aStreamRenewsItsLeaseWhileItLives() throws Exception {
    stop();
    start(SHORT, GRACE, FEW);
    try (WebSocketClient client = v1("/channels/room.1", "ann")) {
      assertThat(client.receiveText()).contains("subscribed");
      assertThat(said()).isEqualTo("renew ann " + SHORT);
      assertThat(said()).isEqualTo("renew ann " + SHORT);
      assertThat(said()).isEqualTo("renew ann " + SHORT);
      assertThat(users(server, "room.1")).containsExactly("ann");
    }
  }

  @Test
  void eachChannelOfAConnectionHasALease() throws Exception {
    try (WebSocketClient client = v1("/channels", "ann")) {
      answer(client, "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"room.1\"}");
      answer(client, "{\"id\":2,\"op\":\"subscribe\",\"channel\":\"room.2\"}");
      assertThat(said()).isEqualTo("renew ann " + LEASE);
      assertThat(said()).isEqualTo("renew ann " + LEASE);
      answer(client, "{\"id\":3,\"op\":\"unsubscribe\",\"channel\":\"room.1\"}");
      assertThat(until("release ann " + GRACE)).isTrue();
    }
    assertThat(until("release ann " + GRACE)).isTrue();
  }

  /** Reads what was said until it is that. */
  private boolean until(String wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      if (said().equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void aPollHasALeaseAfterItsAnswer() throws Exception {
    get("/channels/room.1,room.2", bearer(TestTokens.of("ann")));
    assertThat(said()).isEqualTo("renew ann by poll " + LEASE);
    assertThat(said()).isEqualTo("renew ann by poll " + LEASE);
    assertThat(broker.said()).isEmpty();
    assertThat(users(server, "room.2")).containsExactly("ann");
  }

  @Test
  void aParkedPollIsPresentWhileItWaits() throws Exception {
    stop();
    start(SHORT, GRACE, FEW);
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "GET", "/channels/room.1?wait=60", bearer(TestTokens.of("ann")), ""));
      assertThat(said()).isEqualTo("renew ann " + SHORT);
      assertThat(said()).isEqualTo("renew ann " + SHORT);
      server.publish("room.1", "x");
      assertThat(until("release ann " + GRACE)).isTrue();
      assertThat(until("renew ann by poll " + SHORT)).isTrue();
      assertThat(http.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aParkedPollThatIsCutHasTheGraceOnly() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "GET", "/channels/room.1?wait=60", bearer(TestTokens.of("ann")), ""));
      assertThat(said()).isEqualTo("renew ann " + LEASE);
    }
    assertThat(until("release ann " + GRACE)).isTrue();
  }

  @Test
  void aStreamThatEndsHasTheGrace() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "GET", "/channels/room.1", SSE + bearer(TestTokens.of("ann")), ""));
      assertThat(http.head().status()).isEqualTo(200);
      assertThat(said()).isEqualTo("renew ann " + LEASE);
    }
    assertThat(until("release ann " + GRACE)).isTrue();
  }

  @Test
  void aStreamWhoseTokenExpiresHasTheGrace() throws Exception {
    stop();
    ManualClock clock = new ManualClock();
    Instant expiry = clock.instant().plusSeconds(60);
    start(Configs.withHeartbeat(config(), Duration.ofMillis(50), Duration.ofDays(1)), FEW, clock);
    try (WebSocketClient client =
        WebSocketClient.open(
            server, "/channels/room.1", List.of(), bearer(TestTokens.good(expiry)))) {
      clock.advance(Duration.ofSeconds(60));
      assertThat(client.receive())
          .isEqualTo(new WebSocketClient.Message.Closed(4401, "The token has expired"));
      assertThat(until("release ann " + GRACE)).isTrue();
    }
    String another = bearer(TestTokens.good(clock.instant().plusSeconds(60)));
    assertThat(get("/channels/room.1/presence", another).body()).contains("\"user\":\"ann\"");
  }

  @Test
  void aStreamThatIsDrainedHasTheGrace() throws Exception {
    CompletableFuture<Void> closing;
    try (WebSocketClient client = v1("/channels/room.1", "ann")) {
      assertThat(client.receiveText()).contains("subscribed");
      assertThat(said()).isEqualTo("renew ann " + LEASE);
      closing = CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      assertThat(((WebSocketClient.Message.Closed) client.receive()).code()).isEqualTo(1001);
      assertThat(until("release ann " + GRACE)).isTrue();
    }
    closing.join();
  }

  @Test
  void whoIsBeyondTheBoundListensAndIsListedWhenThereIsRoom() throws Exception {
    stop();
    start(SHORT, Duration.ZERO, FEW);
    try (WebSocketClient ann = v1("/channels/room.1", "ann");
        WebSocketClient bob = v1("/channels/room.1", "bob");
        WebSocketClient cid = v1("/channels/room.1", "cid")) {
      assertThat(cid.receiveText()).contains("subscribed");
      assertThat(users(server, "room.1")).containsExactly("ann", "bob");
      assertThat(ask(server, "room.1", "x").get("complete").booleanValue()).isFalse();
      Scrape.until(
          server, "halley_presence_unlisted_total{pattern=\"room.*\"}", unlisted -> unlisted >= 1);
      assertThat(Scrape.of(server).value("halley_presence_members{pattern=\"room.*\"}"))
          .isEqualTo(2);
      server.publish("room.1", "hello");
      assertThat(cid.receiveText()).contains("hello");
      assertThat(ann.receiveText()).contains("subscribed");
      assertThat(ann.receiveText()).contains("hello");
      answer(ann, "{\"id\":1,\"op\":\"unsubscribe\",\"channel\":\"room.1\"}");
      Scrape.until(server, "halley_presence_members{pattern=\"room.*\"}", members -> members == 2);
      assertThat(bob.receiveText()).contains("subscribed");
      try (Listener watcher =
          Listening.LONG_POLL.open(
              server, "room.1~presence", "earliest&token=" + TestTokens.of("bob"))) {
        String change = "";
        while (!change.contains("join") || !change.contains("cid")) {
          change = ((Received.Text) watcher.next()).text();
        }
      }
      assertThat(users(server, "room.1")).containsExactly("bob", "cid");
    }
  }

  /** What is known from an answer on, if one reads the changes. */
  private void assertFollows(JsonNode answer) throws IOException {
    Set<String> users = new HashSet<>();
    answer.get("members").forEach(member -> users.add(member.get("user").stringValue()));
    String since = answer.get("position").stringValue();
    JsonNode changes =
        Json.parse(
            get("/channels/room.1~presence?since=" + since, bearer(TestTokens.of("x"))).body());
    assertThat(changes.get("gap").booleanValue()).isFalse();
    for (JsonNode publication : changes.get("publications")) {
      JsonNode data = publication.get("data");
      if (data.has("join")) {
        assertThat(users.add(data.get("join").get("user").stringValue())).isTrue();
      } else {
        assertThat(users.remove(data.get("leave").get("user").stringValue())).isTrue();
      }
    }
    assertThat(users).isEmpty();
  }

  @Test
  void whoAsksAndReadsTheChangesMissesNoneWhileOthersComeAndGo() throws Exception {
    stop();
    start(LEASE, Duration.ZERO, new PresenceLimits(10, 10, 10));
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int first = thread;
      others.add(CompletableFuture.runAsync(() -> comeAndGo(first), TestServer.THREADS));
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(others.toArray(new CompletableFuture<?>[0]));
    List<JsonNode> answers = new ArrayList<>();
    while (!all.isDone()) {
      answers.add(ask(server, "room.1", "x"));
    }
    all.join();
    Scrape.until(server, "halley_presence_members{pattern=\"room.*\"}", members -> members == 0);
    assertThat(answers).hasSizeGreaterThan(1);
    for (JsonNode answer : answers) {
      assertFollows(answer);
    }
  }

  /** As one of three users, each in several threads at a time. */
  private void comeAndGo(int thread) {
    for (int i = 0; i < 60; i++) {
      String token = bearer(TestTokens.of("u" + (i + thread) % 3));
      try (WebSocketClient client =
          WebSocketClient.open(server, "/channels/room.1", List.of(), token)) {
        assertThat(client.head().status()).isEqualTo(101);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  // ---- asking ----

  @Test
  void theAnswerSaysWhoIsThereSinceWhenAndAtWhichPosition() throws Exception {
    long before = System.currentTimeMillis();
    try (WebSocketClient client = v1("/channels/room.1", "ann")) {
      assertThat(client.receiveText()).contains("subscribed");
      Answer answer = get("/channels/room.1/presence", bearer(TestTokens.of("bob")));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("content-type")).contains("application/json");
      assertThat(answer.field("cache-control")).contains("no-store");
      JsonNode json = Json.parse(answer.body());
      assertThat(json.get("channel").stringValue()).isEqualTo("room.1");
      assertThat(json.get("members").size()).isEqualTo(1);
      assertThat(json.get("members").get(0).get("user").stringValue()).isEqualTo("ann");
      assertThat(json.get("members").get(0).get("since").longValue())
          .isBetween(before, System.currentTimeMillis());
      assertThat(json.get("anonymous").intValue()).isZero();
      assertThat(json.get("complete").booleanValue()).isTrue();
      assertThat(json.get("position").stringValue()).endsWith(":1");
      assertThat(answer(client, "{\"id\":7,\"op\":\"presence\",\"channel\":\"room.1\"}"))
          .isEqualTo(Json.parse(answer.body().replace("{\"channel\":\"room.1\",", "{\"id\":7,")));
    }
  }

  @Test
  void aUserMayHaveAnyNameThatIsNotTooLong() throws Exception {
    String strange = "\\\"<script>\\n\\u0000é世\\ud83d\\ude80";
    get("/channels/room.1", bearer(TestTokens.of(strange)));
    get("/channels/room.1", bearer(TestTokens.of("y".repeat(256))));
    assertThat(users(server, "room.1")).containsExactly("\"<script>\n\0é世\uD83D\uDE80");
    get("/channels/room.1", bearer(TestTokens.of("y".repeat(255))));
    assertThat(users(server, "room.1")).hasSize(2);
  }

  @Test
  void whoHasNoNameIsCountedWhileListening() throws Exception {
    String nobody =
        TestTokens.hs256(
            TestTokens.SECRET.getBytes(UTF_8),
            TestTokens.claims(Instant.now().plusSeconds(99), "").replace("\"sub\":\"ann\",", ""));
    get("/channels/open.1", "");
    assertThat(anonymous()).isZero();
    try (WebSocketClient first = WebSocketClient.open(server, "/channels/open.1", List.of(), "");
        WebSocketClient second =
            WebSocketClient.open(server, "/channels/open.1", List.of(), bearer(nobody))) {
      assertThat(first.head().status()).isEqualTo(101);
      assertThat(second.head().status()).isEqualTo(101);
      assertThat(anonymous()).isEqualTo(2);
    }
    assertThat(until("count 0")).isTrue();
    Scrape.until(
        server,
        "halley_subscriptions{pattern=\"open.*\",transport=\"websocket\"}",
        open -> open == 0);
    // Who listened on another loop may be counted a moment longer.
    TestServer.await(this::anonymous, it -> it == 0);
  }

  private int anonymous() throws IOException {
    Answer answer = get("/channels/open.1/presence", "");
    JsonNode json = Json.parse(answer.body());
    assertThat(json.get("members").size()).isZero();
    return json.get("anonymous").intValue();
  }
}
