package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9110 asks of an origin server, in HTTP/1.1 and HTTP/2. */
class HttpSemanticsTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  private final String channel = "letter-" + NAMES.incrementAndGet();
  private final String path = "/channels/" + channel;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/channels/a, 200",
    "/channels/a?x=1, 400",
    "/nothing, 404",
    "/admin, 308",
    "/health/live, 200",
    "/channels/a?since=latest, 304"
  })
  void everyAnswerHasADate(String target, int status) throws Exception {
    String etag = HttpSocket.get(server, "/channels/a", "").field("etag").orElseThrow();
    String fields = status == 304 ? "If-None-Match: " + etag + "\r\n" : "";
    Answer first = HttpSocket.get(server, target, fields);
    assertThat(first.status()).isEqualTo(status);
    assertIsNow(first);
    if (status != 304) {
      try (Http2Socket http = Http2Socket.connect(server)) {
        Answer second = http.get(server, target).answer();
        assertThat(second.status()).isEqualTo(status);
        assertIsNow(second);
      }
    }
  }

  @Test
  void aStreamsAnswerHasADateAndASwitchNeedsNone() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", path, "Accept: text/event-stream\r\n", ""));
      assertIsNow(new Answer(http.head(), ""));
    }
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", path, HttpSocket.UPGRADE, ""));
      HttpSocket.Head head = http.head();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.field("upgrade")).contains("websocket");
      assertThat(head.field("content-length")).isEmpty();
      assertThat(head.field("transfer-encoding")).isEmpty();
    }
  }

  @Test
  void whatIsRefusedBeforeItIsARequestHasADateToo() throws Exception {
    assertIsNow(HttpSocket.exchange(server, "GET\r\n\r\n"));
  }

  private static void assertIsNow(Answer answer) {
    String date = answer.field("date").orElseThrow();
    ZonedDateTime said = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
    assertThat(Duration.between(said, ZonedDateTime.now(said.getZone())).abs())
        .isLessThan(TestServer.PATIENCE);
    assertThat(date).matches("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT");
  }

  /** It would be published as it is, and no subscriber told of the coding. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "br", "zstd", "deflate", "identity, gzip", "x"})
  void aBodyWithAContentCodingIs415(String coding) throws Exception {
    String field = "Content-Encoding: " + coding + "\r\n";
    for (String target : new String[] {path, "/publish", "/admin/api/channels/" + channel}) {
      Answer answer = HttpSocket.post(server, target, TEXT + field, "[]");
      assertThat(answer.status()).as(target).isEqualTo(415);
      assertThat(answer.field("accept-encoding")).contains("identity");
    }
    try (Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream post =
          http.request("POST", path, server.authority(), false, "content-encoding", coding);
      post.send("x".getBytes(UTF_8));
      post.end();
      assertThat(post.answer().status()).isEqualTo(415);
    }
    assertThat(HttpSocket.get(server, path, "").body()).contains("\"publications\":[]");
    assertThat(HttpSocket.post(server, path, "Content-Encoding: identity\r\n", "x").status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "100-continue, x", "200-ok", "100-continue;x=1"})
  void anExpectationThatIsntKnownIs417(String expectation) throws Exception {
    String field = "Expect: " + expectation + "\r\n";
    assertThat(HttpSocket.post(server, path, TEXT + field, "x").status()).isEqualTo(417);
    try (Http2Socket http = Http2Socket.connect(server)) {
      assertThat(
              http.request("GET", path, server.authority(), true, "expect", expectation)
                  .answer()
                  .status())
          .isEqualTo(417);
    }
    assertThat(HttpSocket.get(server, path, "").body()).contains("\"publications\":[]");
  }

  @Test
  void http10ExpectsNothing() throws Exception {
    String head = "POST " + path + " HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n";
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(head + "Expect: 100-continue\r\n\r\nok");
      assertThat(http.head().status()).isEqualTo(201);
    }
  }

  @Test
  void aRequestThatIsRefusedByItsHeadIsntToldToContinue() throws Exception {
    String fields = TEXT + "Expect: 100-continue\r\nContent-Length: 99999999\r\n";
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "POST", path, fields, ""));
      assertThat(http.head().status()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Range: bytes=0-1",
        "If-Range: \"x\"",
        "Accept: image/png",
        "Accept: text/html;q=0",
        "Accept-Encoding: gzip;q=1, *;q=0",
        "Accept-Language: xx",
        "Accept-Charset: x",
        "If-Match: \"x\"",
        "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT",
        "If-Modified-Since: nonsense",
        "TE: trailers, gzip",
        "Max-Forwards: 0",
        "Upgrade: h2c, foo/2\r\nConnection: Upgrade",
        "Upgrade: TLS/1.0\r\nConnection: Upgrade",
        "Connection: x, y",
        "Cache-Control: only-if-cached",
        "Pragma: no-cache",
        "X-Unknown: \u00e4"
      })
  void aFieldThatDoesntConcernUsChangesNothing(String field) throws Exception {
    server.publish(channel, "news");
    Answer answer = HttpSocket.get(server, path, field + "\r\n");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"news\"");
    assertThat(answer.field("content-type")).contains("application/json");
  }

  @Test
  void aBodyOfAGetMeansNothing() throws Exception {
    server.publish(channel, "news");
    try (HttpSocket http = HttpSocket.connect(server)) {
      for (int i = 0; i < 2; i++) {
        http.send(HttpSocket.request(server, "GET", path, "", "GET /smuggled HTTP/1.1\r\n\r\n"));
        assertThat(http.answer().body()).contains("\"news\"");
      }
    }
  }

  @Test
  void methodsAndSchemesAreWhatTheyAreByTheLetter() throws Exception {
    String request = HttpSocket.request(server, "get", path, "", "");
    assertThat(HttpSocket.exchange(server, request).status()).isEqualTo(405);
  }

  @Test
  void anUnmodifiedAnswerSaysWhatAModifiedOneWould() throws Exception {
    StreamPosition one = server.publish(channel, "one");
    String fields =
        "If-None-Match: \"" + one + "\"\r\nOrigin: http://" + server.authority() + "\r\n";
    Answer answer = HttpSocket.get(server, path, fields);
    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.field("etag")).contains('"' + one.toString() + '"');
    assertThat(answer.field("cache-control")).contains("no-store");
    assertThat(answer.field("vary")).isPresent();
    assertThat(answer.field("content-length")).isEmpty();
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void nothingOfOursIsKeptByCaches() throws Exception {
    server.publish(channel, "one");
    for (String target : new String[] {path, path + "?x=1", "/health/live", "/metrics", "/no"}) {
      Answer answer = HttpSocket.get(server, target, "");
      assertThat(answer.field("cache-control")).as(target).contains("no-store");
      assertThat(answer.field("age")).isEmpty();
    }
  }
}
