package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.FakeApplication.Asked;
import dev.halley.server.FakeApplication.Reply;
import dev.halley.server.HooksConfig.Bounds;
import dev.halley.server.HooksConfig.Circuit;
import dev.halley.server.HooksConfig.Tries;
import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An application that is down, slow or lies lets nobody in, and slows down nobody else. */
class HookFailuresTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final String RULE = "The application can't be asked now";

  private final ManualClock clock = new ManualClock();
  private final Semaphore open = new Semaphore(0);
  private final Reply held =
      question -> {
        open.acquire();
        FakeApplication.YES.to(question);
      };
  private FakeApplication application;

  @BeforeEach
  void start() throws IOException {
    application = new FakeApplication();
  }

  @AfterEach
  void stop() {
    application.close();
  }

  private TestServer server(HooksConfig hooks) throws IOException {
    return TestServer.start(TestServer.config().withHooks(hooks), clock);
  }

  private static int status(TestServer server, String fields) throws IOException {
    return HttpSocket.get(server, "/channels/chat", fields).status();
  }

  private static void assertNobodyIsLetIn(TestServer server) throws IOException {
    for (String fields : List.of("", SSE)) {
      Answer answer = HttpSocket.get(server, "/channels/chat", fields);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.field("Retry-After")).isPresent();
      assertThat(answer.body()).contains(RULE);
    }
    assertThat(HttpSocket.post(server, "/channels/chat", TEXT, "x").status()).isEqualTo(503);
    assertThat(server.server().publications()).isZero();
  }

  /** Never so many in a row that it isn't asked any more. */
  private HooksConfig patient() {
    return application.hooks().withCircuit(new Circuit(1_000, Duration.ofSeconds(5)));
  }

  // ---- no answer ----

  @Test
  void whatIsNoAnswerIsNoYes() throws Exception {
    List<Reply> lies =
        List.of(
            FakeApplication.status(500, "{\"allow\":true}"),
            FakeApplication.status(404, "{\"allow\":true}"),
            FakeApplication.status(201, "{\"allow\":true}"),
            FakeApplication.status(204, ""),
            FakeApplication.say(""),
            FakeApplication.say("<html>Log in</html>"),
            FakeApplication.say("true"),
            FakeApplication.say("[{\"allow\":true}]"),
            FakeApplication.say("{}"),
            FakeApplication.say("{\"allow\":\"true\"}"),
            FakeApplication.say("{\"allow\":1}"),
            FakeApplication.say("{\"allow\":null}"),
            FakeApplication.say("{\"allow\":false,\"allow\":true}"),
            FakeApplication.say("{\"allow\":true}{\"allow\":false}"),
            FakeApplication.say("{\"allow\":true,\"user\":\"a\",\"user\":\"b\"}"),
            FakeApplication.say(
                "{\"allow\":true,\"channels\":{\"publish\":[\"a\"],\"publish\":[\"*\"]}}"),
            FakeApplication.say("{\"allow\":true,\"user\":7}"),
            FakeApplication.say("{\"allow\":true,\"user\":\"\"}"),
            FakeApplication.say("{\"allow\":true,\"user\":\"a\\nb\"}"),
            FakeApplication.say("{\"allow\":true,\"expires\":\"tomorrow\"}"),
            // In seconds, or over.
            FakeApplication.say("{\"allow\":true,\"expires\":1800000060}"),
            FakeApplication.say("{\"allow\":true,\"expires\":1800000000000}"),
            FakeApplication.say("{\"allow\":true,\"channels\":{\"subscribe\":[\"a*b\"]}}"),
            FakeApplication.say("{\"allow\":true,\"channels\":{\"listen\":[\"a\"]}}"),
            FakeApplication.say("{\"allow\":true,\"more\":\"" + "x".repeat(20 << 10) + "\"}"));
    try (TestServer server = server(patient())) {
      for (Reply lie : lies) {
        application.replies(lie);
        assertNobodyIsLetIn(server);
      }
    }
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    List<String> paths = new CopyOnWriteArrayList<>();
    application.replies(
        question -> {
          paths.add(question.exchange().getRequestURI().getPath());
          question.exchange().getResponseHeaders().add("Location", "/elsewhere");
          FakeApplication.status(307, "").to(question);
        });
    try (TestServer server = server(patient())) {
      assertNobodyIsLetIn(server);
    }
    assertThat(paths).containsOnly("/halley");
  }

  @Test
  void anApplicationThatIsDownLetsNobodyIn() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    try (TestServer server = server(HooksConfig.of(URI.create("http://127.0.0.1:" + port)))) {
      assertNobodyIsLetIn(server);
    }
  }

  @Test
  void anAnswerThatDoesntComeInTimeIsNone() throws Exception {
    HooksConfig hooks = patient().withTries(new Tries(Duration.ofMillis(200), 0));
    try (TestServer server = server(hooks)) {
      application.replies(held);
      assertNobodyIsLetIn(server);
      // The head is there, and the body doesn't end.
      application.replies(
          question -> {
            question.exchange().sendResponseHeaders(200, 100);
            question.exchange().getResponseBody().write("{\"allow\":true}".getBytes(UTF_8));
            question.exchange().getResponseBody().flush();
            open.acquire();
          });
      assertNobodyIsLetIn(server);
    }
  }

  @Test
  void whileTheApplicationThinksAllOthersGoOn() throws Exception {
    application.replies(held);
    try (TestServer server = server(application.hooks());
        HttpSocket waiting = HttpSocket.connect(server)) {
      waiting.send(HttpSocket.request(server, "GET", "/channels/chat", "", ""));
      application.next();
      for (int i = 0; i < 4; i++) {
        assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
      }
      open.release();
      assertThat(waiting.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void itsOwn401And403AreANo() throws Exception {
    try (TestServer server = server(patient())) {
      application.replies(FakeApplication.status(401, "{\"reason\":\"Log in\\u0007 first\"}"));
      Answer answer = HttpSocket.get(server, "/channels/chat", "");
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).contains("Log in? first");
      application.replies(FakeApplication.status(403, "<p>no"));
      assertThat(HttpSocket.get(server, "/channels/chat", SSE).body())
          .contains("The application doesn't allow this connection");
      // However long a reason is, it fits a close frame.
      application.replies(
          question ->
              FakeApplication.say(
                      question.event().equals("publish")
                          ? "{\"allow\":false,\"reason\":\"" + "\u00fc".repeat(500) + "\"}"
                          : "{\"allow\":true}")
                  .to(question));
      try (WebSocketClient client = WebSocketClient.open(server, "/channels/chat", List.of(), "")) {
        client.send("x");
        assertThat(client.receive())
            .isEqualTo(new WebSocketClient.Message.Closed(4403, "\u00fc".repeat(60)));
      }
    }
  }

  // ---- once more ----

  @Test
  void whatGotNoAnswerIsAskedOnceMoreWithTheSameId() throws Exception {
    AtomicInteger times = new AtomicInteger();
    List<Reply> failures =
        List.of(
            question -> {}, // the connection ends
            FakeApplication.status(503, "busy"));
    try (TestServer server = server(patient().withTries(new Tries(Duration.ofSeconds(5), 1)))) {
      for (Reply failure : failures) {
        times.set(0);
        application.replies(
            question ->
                (times.getAndIncrement() == 0 ? failure : FakeApplication.YES).to(question));
        assertThat(status(server, "")).isEqualTo(200);
        assertThat(application.next().text("id")).isEqualTo(application.next().text("id"));
      }
      application.replies(FakeApplication.status(400, "what?"));
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(application.events()).hasSize(1);
      application.replies(FakeApplication.status(502, ""));
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(application.events()).hasSize(2);
    }
  }

  // ---- the circuit ----

  @Test
  void afterSomeFailuresNobodyIsAskedUntilOneTryGoesWell() throws Exception {
    HooksConfig hooks = application.hooks().withCircuit(new Circuit(2, Duration.ofSeconds(5)));
    try (TestServer server = server(hooks);
        Recording recording = new Recording()) {
      application.replies(FakeApplication.status(507, ""));
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(application.events()).hasSize(2);
      application.replies(FakeApplication.YES);
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(application.events()).isEmpty();
      assertThat(Scrape.of(server).value("halley_hook_circuit_open")).isEqualTo(1);

      clock.advance(Duration.ofSeconds(5));
      application.replies(FakeApplication.status(507, ""));
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(status(server, "")).isEqualTo(503);
      assertThat(application.events()).hasSize(1);

      clock.advance(Duration.ofSeconds(5));
      application.replies(FakeApplication.YES);
      assertThat(status(server, "")).isEqualTo(200);
      assertThat(status(server, "")).isEqualTo(200);
      assertThat(Scrape.of(server).value("halley_hook_circuit_open")).isZero();
      assertThat(recording.of("doesn't answer, so")).hasSize(1);
      assertThat(recording.of("answers again")).hasSize(1);
      assertThat(recording.of("no answer that can be used: the status is 507")).hasSize(1);
    }
  }

  // ---- bounds ----

  @Test
  void whatIsBeyondTheBoundsIsRefusedAtOnce() throws Exception {
    application.replies(held);
    try (TestServer server = server(application.hooks().withBounds(new Bounds(1, 1, 0)))) {
      List<HttpSocket> waiting = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        HttpSocket http = HttpSocket.connect(server);
        waiting.add(http);
        http.send(HttpSocket.request(server, "POST", "/channels/chat", TEXT, "x"));
        if (i == 0) {
          application.next();
        } else {
          Scrape.until(server, "halley_hook_pending", it -> it == 2);
        }
      }
      assertThat(HttpSocket.post(server, "/channels/chat", TEXT, "x").status()).isEqualTo(503);
      open.release(2);
      for (HttpSocket http : waiting) {
        assertThat(http.answer().status()).isEqualTo(201);
        http.close();
      }
      assertThat(
              Scrape.of(server)
                  .value("halley_hook_questions_total{event=\"publish\",outcome=\"unasked\"}"))
          .isEqualTo(1);
    }
  }

  @Test
  void whatWaitsOnOneWebSocketIsBounded() throws Exception {
    application.replies(
        question -> (question.event().equals("publish") ? held : FakeApplication.YES).to(question));
    HooksConfig hooks = application.hooks().withBounds(new Bounds(1, 100_000, 0));
    try (TestServer server = server(hooks);
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      String command = "{\"id\":7,\"op\":\"publish\",\"channel\":\"c\",\"data\":\"x\"}";
      // Some hundred come with one read; all that is read later waits in the socket.
      for (int i = 0; i < 2_000; i++) {
        client.send(command);
      }
      application.next("publish");
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
      assertThat(Scrape.of(server).value("halley_hook_pending")).isBetween(1.0, 1_100.0);
      open.release(10_000);
      int positions = 0;
      for (int i = 0; i < 2_000; i++) {
        String answer = client.receiveText();
        assertThat(answer).containsAnyOf("\"position\"", "\"code\":503");
        positions += answer.contains("\"position\"") ? 1 : 0;
      }
      assertThat(server.server().publications()).isEqualTo(positions).isPositive();
    }
  }

  // ---- answers that are used again ----

  @Test
  void anAnswerIsUsedAgainForAsLongAsItSaysAndForTheSameQuestionAlone() throws Exception {
    application.replies(FakeApplication.sayFor(60, "{\"allow\":true}"));
    try (TestServer server = server(application.hooks())) {
      String ann = "Cookie: session=ann\r\n";
      for (String fields : List.of("", ann, "Cookie: session=bob\r\n")) {
        for (int i = 0; i < 3; i++) {
          assertThat(status(server, fields)).isEqualTo(200);
        }
        assertThat(application.events()).hasSize(1);
      }
      HttpSocket.get(server, "/channels/other", ann);
      HttpSocket.post(server, "/channels/chat", ann + TEXT, "x");
      assertThat(application.events()).containsExactly("subscribe", "publish");
      // That it doesn't depend on the payload is what the answer says.
      HttpSocket.post(server, "/channels/chat", ann + TEXT, "another");
      assertThat(application.events()).isEmpty();
      clock.advance(Duration.ofSeconds(60));
      status(server, ann);
      assertThat(application.events()).hasSize(1);
      assertThat(
              Scrape.of(server)
                  .value("halley_hook_questions_total{event=\"subscribe\",outcome=\"reused\"}"))
          .isEqualTo(6);
    }
  }

  @Test
  void aNoIsUsedAgainTooAndNothingThatMayNotBe() throws Exception {
    try (TestServer server = server(application.hooks())) {
      application.replies(FakeApplication.sayFor(60, "{\"allow\":false}"));
      assertThat(status(server, "")).isEqualTo(403);
      application.replies(FakeApplication.YES);
      assertThat(status(server, "")).isEqualTo(403);
      assertThat(application.events()).hasSize(1);
      clock.advance(Duration.ofSeconds(60));
      for (String control : List.of("no-store, max-age=60", "no-cache, max-age=60", "max-age=x")) {
        application.replies(
            question -> {
              question.exchange().getResponseHeaders().add("Cache-Control", control);
              FakeApplication.YES.to(question);
            });
        status(server, "");
        status(server, "");
        assertThat(application.events()).as(control).hasSize(2);
      }
      // Not beyond what the yes holds for.
      long expires = clock.instant().toEpochMilli() + 1_000;
      application.replies(
          FakeApplication.sayFor(60, "{\"allow\":true,\"expires\":" + expires + "}"));
      status(server, "");
      application.replies(FakeApplication.NO);
      assertThat(status(server, "")).isEqualTo(200);
      clock.advance(Duration.ofSeconds(1));
      assertThat(status(server, "")).isEqualTo(403);
    }
  }

  @Test
  void theSameQuestionIsAskedOnceAtATimeIfItsAnswerMayBeUsedAgain() throws Exception {
    for (int seconds : List.of(60, 0)) {
      application.replies(
          question -> {
            open.acquire();
            FakeApplication.sayFor(seconds, "{\"allow\":true}").to(question);
          });
      try (TestServer server = server(application.hooks())) {
        List<HttpSocket> tabs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          HttpSocket http = HttpSocket.connect(server);
          tabs.add(http);
          http.send(HttpSocket.request(server, "GET", "/channels/chat", "", ""));
        }
        Scrape.until(server, "halley_hook_pending", it -> it == 20);
        application.next();
        assertThat(application.events()).isEmpty();
        open.release(20);
        for (HttpSocket http : tabs) {
          assertThat(http.answer().status()).isEqualTo(200);
          http.close();
        }
        assertThat(application.events()).hasSize(seconds > 0 ? 0 : 19);
      }
      open.drainPermits();
    }
  }

  // ---- what is secret ----

  @Test
  void noLogShowsWhatIsAsked() throws Exception {
    String secret = "a secret of no less than thirty-two bytes";
    try (TestServer server = server(application.hooks().withSecret(secret));
        Recording recording = new Recording()) {
      for (Reply reply :
          List.of(
              FakeApplication.YES,
              FakeApplication.NO,
              FakeApplication.status(500, "s3cret"),
              FakeApplication.say("{\"allow\":\"s3cret\"}"),
              FakeApplication.say("{\"s3cret"))) {
        application.replies(reply);
        status(server, "Cookie: session=s3cret\r\nAuthorization: Bearer s3cret\r\n");
        HttpSocket.get(server, "/channels/chat?token=s3cret", "");
        Asked asked = application.next();
        assertThat(asked.body()).contains("s3cret");
      }
      assertThat(recording.of("No answer to a subscribe")).isNotEmpty();
      assertThat(String.join("\n", recording.lines))
          .doesNotContain("s3cret")
          .doesNotContain(secret);
    }
  }

  /** Every line of this server's log, down to the finest. */
  private static final class Recording extends Handler implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("dev.halley");
    private final Level before = logger.getLevel();

    Recording() {
      setLevel(Level.ALL);
      logger.setLevel(Level.ALL);
      logger.addHandler(this);
    }

    List<String> of(String part) {
      return lines.stream().filter(line -> line.contains(part)).toList();
    }

    @Override
    public void publish(LogRecord log) {
      StringWriter trace = new StringWriter();
      if (log.getThrown() != null) {
        log.getThrown().printStackTrace(new PrintWriter(trace));
      }
      lines.add(new SimpleFormatter().formatMessage(log) + trace);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
      logger.setLevel(before);
    }
  }
}
