package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.HttpSocket.Head;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9112 says of a message's lines, its length, and the connection. */
class HttpFramingTest {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  private final String channel = "framing-" + NAMES.incrementAndGet();
  private final String path = "/channels/" + channel;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private String head(String fields) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  }

  private String published() throws Exception {
    return HttpSocket.get(server, path, "").body();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length : 2\r\n",
        "X-Y Z: 1\r\nContent-Length: 2\r\n",
        "X\rContent-Length: 2\r\n",
        "X: a\rb\r\nContent-Length: 2\r\n",
        "X: a\u0000b\r\nContent-Length: 2\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2, 3\r\n",
        "Content-Length: 99999999999999999999\r\n"
      })
  void aHeadThatCanBeReadInTwoWaysIs400AndTheLast(String fields) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(head(fields) + "ok");
      Answer answer = http.answer();
      assertThat(answer.status()).isIn(400, 413);
      assertThat(answer.field("connection")).contains("close");
      assertThat(http.ends()).isTrue();
    }
    assertThat(published()).contains("\"publications\":[]");
  }

  @Test
  void aCodingThatIsntUnderstoodIs501() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(head("Transfer-Encoding: gzip, chunked\r\n") + "2\r\nok\r\n0\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(501);
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void http10HasNoTransferCodings() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "POST "
              + path
              + " HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"
              + "\r\n2\r\nok\r\n0\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(400);
      assertThat(http.ends()).isTrue();
    }
    assertThat(published()).contains("\"publications\":[]");
  }

  /** A folded line is one field whose value has spaces in it, or no request at all. */
  @Test
  void aFoldedLineIsOneFieldOrRefused() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(head("X: a\r\n Content-Length: 9\r\nContent-Length: 2\r\n") + "ok");
      assertThat(http.answer().status()).isIn(201, 400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2;name=value\r\nok\r\n0\r\n\r\n",
        "2 ; name=\"v;\\\"\"\r\nok\r\n0\r\n\r\n",
        "1\r\no\r\n1\r\nk\r\n0;last\r\n\r\n",
        "02\r\nok\r\n000\r\n\r\n",
        "2\r\nok\r\n0\r\nX-Checksum: 1\r\nHost: other\r\nContent-Length: 7\r\n\r\n"
      })
  void extensionsAndTrailersOfAChunkedBodyAreLeftOut(String body) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(head("Content-Type: text/plain\r\nTransfer-Encoding: Chunked\r\n") + body);
      assertThat(http.answer().status()).isEqualTo(201);
      http.send(HttpSocket.request(server, "GET", path, "", ""));
      assertThat(http.answer().body()).contains("\"ok\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\nok\r\n0\r\n\r\n",
        "-2\r\nok\r\n0\r\n\r\n",
        "0x2\r\nok\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nok\r\n0\r\n\r\n",
        "2\r\nokay\r\n0\r\n\r\n",
        "\r\n2\r\nok\r\n0\r\n\r\n"
      })
  void aChunkThatIsNoneEndsTheConnectionAndPublishesNothing(String body) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(head("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n") + body);
      http.endOutput();
      String answer = new String(http.input().readAllBytes(), UTF_8);
      assertThat(answer).matches("(?s)|HTTP/1\\.1 4(00|13) .*");
    }
    assertThat(published()).contains("\"publications\":[]");
  }

  @Test
  void anEmptyLineBeforeARequestIsLeftOut() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send("\r\n" + HttpSocket.request(server, "GET", path, "", ""));
      assertThat(http.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aClosedConnectionTakesNoFurtherRequest() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(server, "GET", path, "Connection: x, Close\r\n", "")
              + HttpSocket.request(server, "POST", path, "Content-Type: text/plain\r\n", "no"));
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("connection")).contains("close");
      assertThat(http.ends()).isTrue();
    }
    assertThat(published()).contains("\"publications\":[]");
  }

  @Test
  void http10IsKeptIfItSaysSoAndToldSo() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      for (int i = 0; i < 3; i++) {
        http.send("GET " + path + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Answer answer = http.answer();
        assertThat(answer.field("connection")).contains("keep-alive");
        assertThat(answer.field("transfer-encoding")).isEmpty();
        assertThat(answer.field("content-length")).isPresent();
      }
      http.send("GET " + path + " HTTP/1.0\r\n\r\n");
      assertThat(http.answer().field("connection")).contains("close");
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void anEventStreamOfHttp10IsNotChunkedAndEndsWithTheConnection() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "GET "
              + path
              + " HTTP/1.0\r\nConnection: keep-alive\r\nAccept: text/event-stream\r\n\r\n");
      Head head = http.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("transfer-encoding")).isEmpty();
      assertThat(head.field("connection")).contains("close");
      EventStream stream = EventStream.impatient(http.body(head));
      server.publish(channel, "news");
      assertThat(stream.next().orElseThrow().data()).isEqualTo("news");
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP/1.2, 200", "HTTP/2.0, 505", "HTTP/0.9, 505", "HTTP/1, 400"})
  void aVersionIsReadByTheLetter(String version, int status) throws Exception {
    String head = "GET /health/live " + version + "\r\nHost: a\r\nConnection: close\r\n\r\n";
    assertThat(HttpSocket.exchange(server, head).status()).isEqualTo(status);
  }
}
