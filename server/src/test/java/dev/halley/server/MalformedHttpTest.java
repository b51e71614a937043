package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers send to an HTTP port. After each of it the server still serves. */
class MalformedHttpTest {
  private static final Duration HANDSHAKE = Duration.ofMillis(700);
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  /** For those who let it wait; a test that isn't run for a while may do so, too. */
  private static TestServer impatient;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
    impatient = TestServer.start(Configs.withHandshake(TestServer.config(), HANDSHAKE));
  }

  @AfterAll
  static void stop() {
    server.close();
    impatient.close();
  }

  @AfterEach
  void itStillServes() throws Exception {
    assertThat(HttpSocket.get(server, "/channels/alive", "").status()).isEqualTo(200);
    TestServer.await(
        () -> HttpSocket.get(impatient, "/channels/alive", "").status(), it -> it == 200);
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /channels/a",
    "DELETE, /channels/a",
    "PATCH, /channels/a",
    "TRACE, /channels/a",
    "BREW, /channels/a",
    "GET, /publish",
    "PUT, /publish"
  })
  void otherMethodsAre405AndToldWhichAreAllowed(String method, String path) throws Exception {
    Answer answer = HttpSocket.exchange(server, HttpSocket.request(server, method, path, "", ""));
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.field("allow").orElseThrow())
        .contains(path.equals("/publish") ? "POST" : "GET");
    PublishTest.assertError(answer, 405);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/channel/a", "/publish/", "/favicon.ico", "/channelsx"})
  void unknownPathsAre404(String path) throws Exception {
    Answer answer = HttpSocket.get(server, path, "");
    assertThat(answer.status()).isEqualTo(404);
    PublishTest.assertError(answer, 404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a%20b",
        "a%2Fb",
        "a%2fb",
        "%2e%2e%2fetc",
        "a,,b",
        ",a",
        "a,",
        "a*b",
        "a+b",
        "%C3%A4",
        "a%00",
        "a;b",
        "a%",
        "a%4",
        "a%zz",
        "a@b",
        "a$b",
        "a!b"
      })
  void badChannelNamesAre400(String name) throws Exception {
    Answer answer = HttpSocket.get(server, "/channels/" + name, "");
    assertThat(answer.status()).isEqualTo(400);
    PublishTest.assertError(answer, 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a/", "../publish", "a/../../publish"})
  void slashesDontReachOtherPaths(String name) throws Exception {
    assertThat(HttpSocket.get(server, "/channels/" + name, "").status()).isBetween(400, 404);
  }

  @Test
  void aNameOf255CharactersIsTheLongest() throws Exception {
    String longest = "x".repeat(255);
    assertThat(HttpSocket.get(server, "/channels/" + longest, "").status()).isEqualTo(200);
    assertThat(HttpSocket.get(server, "/channels/" + longest + "x", "").status()).isEqualTo(400);
  }

  @Test
  void allCharactersOfANameMayBeSentPlainOrEncoded() throws Exception {
    server.publish("aZ09._~:-", "x");
    assertThat(HttpSocket.get(server, "/channels/aZ09._~:-", "").body()).contains("\"x\"");
    assertThat(HttpSocket.get(server, "/channels/%61Z09._%7E%3a-", "").body()).contains("\"x\"");
  }

  @Test
  void publishingToSeveralChannelsAtOnceIs400() throws Exception {
    Answer answer = HttpSocket.post(server, "/channels/a,b", "Content-Type: text/plain\r\n", "x");
    assertThat(answer.status()).isEqualTo(400);
  }

  @Test
  void tooManyChannelsAre400() throws Exception {
    int limit = TestServer.config().limits().channelsPerConnection();
    StringBuilder names = new StringBuilder("c");
    for (int i = 1; i < limit; i++) {
      names.append(",c").append(i);
    }
    assertThat(HttpSocket.get(server, "/channels/" + names, "").status()).isEqualTo(200);
    assertThat(HttpSocket.get(server, "/channels/" + names + ",more", "").status()).isEqualTo(400);
  }

  @Test
  void aHeadThatIsTooLargeIs431() throws Exception {
    Answer fields = HttpSocket.get(server, "/channels/a", "X: " + "x".repeat(20_000) + "\r\n");
    assertThat(fields.status()).isEqualTo(431);
    Answer many = HttpSocket.get(server, "/channels/a", "X-Y: z\r\n".repeat(5_000));
    assertThat(many.status()).isEqualTo(431);
  }

  @Test
  void aRequestLineThatIsTooLargeIs414Or431() throws Exception {
    assertThat(HttpSocket.get(server, "/channels/" + "a".repeat(20_000), "").status())
        .isIn(414, 431);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: \r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding: \u000bchunked\r\n",
        "Transfer-Encoding\u0000: chunked\r\n"
      })
  void anAmbiguousLengthEndsTheConnectionAndHidesNoSecondRequest(String fields) throws Exception {
    String channel = "smuggled-" + NAMES.incrementAndGet();
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "POST /channels/"
              + channel
              + " HTTP/1.1\r\nHost: "
              + server.authority()
              + "\r\nContent-Type: text/plain\r\n"
              + fields
              + "\r\n0\r\n\r\n"
              + SMUGGLED);
      Answer answer = http.answer();
      assertThat(answer.status()).as(fields).isIn(400, 411, 501);
      assertThat(http.ends()).as("nothing answers the smuggled request").isTrue();
    }
    assertThat(HttpSocket.get(server, "/channels/" + channel, "").body())
        .contains("\"publications\":[]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /channels/a\r\n\r\n",
        "GET /channels/a HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /channels/a HTTP/1.1\r\n\r\n",
        "GET /channels/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /channels/a HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n",
        "GET /channels/a HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n",
        "GET /channels/a HTTP/1.1\r\nHost: x\r\nno-colon\r\n\r\n",
        "GET /channels/a HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n",
        "GET http://[bad HTTP/1.1\r\nHost: x\r\n\r\n"
      })
  void whatIsNoRequestIsRefusedOrTheConnectionEnds(String request) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(request);
      http.endOutput();
      String answer = new String(http.input().readAllBytes(), UTF_8);
      assertThat(answer).matches("(?s)|HTTP/1\\.1 (4\\d\\d|50[15]) .*");
    }
  }

  @Test
  void aHeadThatTricklesIs408OrEnds() throws Exception {
    try (HttpSocket http = HttpSocket.connect(impatient)) {
      byte[] head = HttpSocket.request(impatient, "GET", "/channels/a", "", "").getBytes(UTF_8);
      for (int i = 0; i < head.length && http.input().available() == 0; i++) {
        try {
          http.send(new byte[] {head[i]});
        } catch (IOException closed) {
          break;
        }
        // The time between the bytes is what is tested.
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
      assertTimedOut(http);
    }
  }

  @Test
  void aConnectionThatSendsNothingEnds() throws Exception {
    try (HttpSocket http = HttpSocket.connect(impatient)) {
      assertTimedOut(http);
    }
  }

  @Test
  void aBodyThatNeverComesIs408OrEnds() throws Exception {
    try (HttpSocket http = HttpSocket.connect(impatient)) {
      http.send(
          HttpSocket.request(
                  impatient,
                  "POST",
                  "/channels/half",
                  "Content-Type: text/plain\r\nContent-Length: 10\r\n",
                  "")
              + "half");
      assertTimedOut(http);
    }
    assertThat(impatient.server().publications()).isZero();
  }

  @Test
  void aBodyThatIsCutPublishesNothing() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
                  server,
                  "POST",
                  "/channels/cut",
                  "Content-Type: text/plain\r\nContent-Length: 10\r\n",
                  "")
              + "half");
      http.endOutput();
      http.ends();
    }
    assertThat(HttpSocket.get(server, "/channels/cut", "").body()).contains("\"publications\":[]");
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    server.publish("pipe-a", "first");
    server.publish("pipe-b", "second");
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(server, "GET", "/channels/pipe-a", "", "")
              + HttpSocket.request(
                  server, "POST", "/channels/pipe-c", "Content-Type: text/plain\r\n", "third")
              + HttpSocket.request(server, "GET", "/nowhere", "", "")
              + HttpSocket.request(server, "GET", "/channels/pipe-b", "", ""));
      assertThat(http.answer().body()).contains("\"first\"");
      assertThat(http.answer().status()).isEqualTo(201);
      assertThat(http.answer().status()).isEqualTo(404);
      assertThat(http.answer().body()).contains("\"second\"");
    }
  }

  @Test
  void aClientIsToldToContinueAfterTheAnswersThatAreDueBefore() throws Exception {
    StreamPosition start = server.publish("due", "before");
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(server, "GET", "/channels/due?wait=1&since=" + start, "", "")
              + HttpSocket.request(
                  server,
                  "POST",
                  "/channels/due-too",
                  "Content-Type: text/plain\r\nContent-Length: 2\r\nExpect: 100-continue\r\n",
                  ""));
      assertThat(http.answer().status()).isEqualTo(200);
      assertThat(http.head().status()).isEqualTo(100);
      http.send("ok");
      assertThat(http.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void http10IsAnsweredAndEnds() throws Exception {
    server.publish("old", "news");
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send("GET /channels/old HTTP/1.0\r\nHost: " + server.authority() + "\r\n\r\n");
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("\"news\"");
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void headIsGetWithoutABody() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "HEAD", "/channels/a", "", ""));
      assertThat(http.head().status()).isIn(200, 405);
    }
  }

  private static void assertTimedOut(HttpSocket http) throws Exception {
    String answer;
    try {
      answer = new String(http.input().readAllBytes(), UTF_8);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("The connection is still open", e);
    } catch (IOException reset) {
      answer = "";
    }
    assertThat(answer).matches("(?s)|HTTP/1\\.1 408 .*");
  }
}
