package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.HttpSocket.Head;
import dev.halley.server.app.Application;
import dev.halley.server.app.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is wrong with a request of an allowed page, the page may read it: without the fields of
 * CORS a refusal looks like an outage, and is tried again and again.
 */
class RefusedPagesTest {
  private static final String PAGE = "https://app.example.org";
  private static final String ORIGIN = "Origin: " + PAGE + "\r\n";
  private static final String KEY = "Authorization: Bearer sesame\r\n";
  private static final String LONG = "x".repeat(20_000);

  private static ServerConfig config() {
    return TestServer.config()
        .withAccess(new ServerConfig.Access(Optional.of("sesame"), List.of(PAGE)));
  }

  /** Status, first line, fields behind Host, and what follows the head. */
  private static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(400, "GET /channels/bad%20name", ORIGIN, ""),
        Arguments.of(400, "GET /channels/a", ORIGIN + "Host: two\r\n", ""),
        Arguments.of(400, "GET /channels/a", ORIGIN + "Bad Name: x\r\n", ""),
        Arguments.of(
            400,
            "GET /channels/a",
            ORIGIN + HttpSocket.UPGRADE + "Upgrade: x\r\nSec-WebSocket-Key: x\r\n",
            ""),
        Arguments.of(400, "POST /channels/a", ORIGIN + "Transfer-Encoding: chunked\r\n", "zz\r\n"),
        Arguments.of(401, "POST /channels/a", ORIGIN + "Content-Length: 1\r\n", "x"),
        Arguments.of(401, "GET /channels/a", ORIGIN + "Authorization: Bearer no\r\n", ""),
        Arguments.of(404, "GET /nothing", ORIGIN, ""),
        Arguments.of(405, "DELETE /channels/a", ORIGIN, ""),
        Arguments.of(413, "POST /channels/a", ORIGIN + "Content-Length: 99999999\r\n", ""),
        Arguments.of(
            413,
            "POST /channels/a",
            ORIGIN + "Content-Length: 99999999\r\nExpect: 100-continue\r\n",
            ""),
        Arguments.of(414, "GET /channels/" + LONG, ORIGIN, ""),
        Arguments.of(426, "GET /channels/a", ORIGIN + HttpSocket.UPGRADE.replace("13", "12"), ""),
        Arguments.of(431, "GET /channels/a", ORIGIN + "X: " + LONG + "\r\n", ""),
        Arguments.of(431, "GET /channels/a", "X: " + LONG + "\r\n" + ORIGIN, ""),
        Arguments.of(431, "GET /channels/a", ORIGIN + "X: y\r\n".repeat(201), ""),
        Arguments.of(
            501, "POST /channels/a", ORIGIN + "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aPageMayReadWhatIsWrong(int status, String line, String fields, String rest)
      throws IOException {
    try (TestServer server = TestServer.start(config())) {
      Answer answer =
          HttpSocket.exchange(
              server,
              line + " HTTP/1.1\r\nHost: " + server.authority() + "\r\n" + fields + "\r\n" + rest);
      assertReadable(answer.head(), status);
      PublishTest.assertError(answer, status);
    }
  }

  private static void assertReadable(Head head, int status) {
    assertThat(head.status()).isEqualTo(status);
    assertThat(head.field("access-control-allow-origin").orElse("none")).isIn(PAGE, "*");
    assertThat(head.field("access-control-expose-headers").orElse("")).contains("Retry-After");
    assertThat(head.field("x-content-type-options")).contains("nosniff");
  }

  @Test
  void aVersionThatNobodySpeaksIsReadable() throws IOException {
    try (TestServer server = TestServer.start(config())) {
      assertReadable(
          HttpSocket.exchange(server, "GET / HTTP/3.3\r\nHost: a\r\n" + ORIGIN + "\r\n").head(),
          505);
    }
  }

  @Test
  void whatComesTooSlowlyIsReadable() throws IOException {
    ServerConfig config = Configs.withHandshake(config(), Duration.ofMillis(100));
    try (TestServer server = TestServer.start(config)) {
      String head = "POST /channels/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n" + ORIGIN + KEY;
      assertReadable(HttpSocket.exchange(server, head + "\r\nx").head(), 408);
      assertReadable(HttpSocket.exchange(server, head).head(), 408);
    }
  }

  @Test
  void whatComesTooOftenIsReadable() throws IOException {
    ServerConfig config =
        config()
            .withProxyTrust(
                new ProxyTrust(
                    List.of(AddressRange.parse("127.0.0.1")), ProxyTrust.Header.X_FORWARDED_FOR))
            .withRates(
                new Rates(
                    Optional.of(new Rate(1, Duration.ofHours(1))),
                    Optional.empty(),
                    Optional.empty()));
    String fields = ORIGIN + "X-Forwarded-For: 192.0.2.7\r\n";
    try (TestServer server = TestServer.start(config)) {
      assertThat(HttpSocket.status(server, "/channels/a", fields)).isEqualTo(200);
      Head refused = HttpSocket.get(server, "/channels/a", fields).head();
      assertReadable(refused, 429);
      assertThat(refused.field("retry-after")).isPresent();
    }
  }

  @Test
  void thatThereAreTooManyConnectionsIsReadable() throws IOException {
    try (TestServer server = TestServer.start(Configs.withConnections(1));
        HttpSocket first = HttpSocket.connect(server)) {
      first.send(HttpSocket.request(server, "GET", "/channels/a", "", ""));
      assertThat(first.answer().status()).isEqualTo(200);
      try (HttpSocket second = HttpSocket.connect(server)) {
        Answer answer = second.answer();
        assertReadable(answer.head(), 503);
        PublishTest.assertError(answer, 503);
      }
    }
  }

  @Test
  void whatTheApplicationAnswersIsReadableUnlessItSaysOtherwise() throws IOException {
    Application application =
        Application.builder()
            .get("/ours", request -> Response.text("x"))
            .get(
                "/theirs",
                request ->
                    Response.text("x")
                        .withHeader("access-control-allow-origin", "https://only.example.org"))
            .build();
    try (TestServer server = TestServer.start(config(), application)) {
      assertReadable(HttpSocket.get(server, "/ours", ORIGIN).head(), 200);
      Head theirs = HttpSocket.get(server, "/theirs", ORIGIN).head();
      assertThat(theirs.field("access-control-allow-origin")).contains("https://only.example.org");
      assertThat(theirs.field("access-control-allow-credentials")).isEmpty();
    }
  }

  /** Status, method, path, whether the request has no body, and further fields. */
  private static Stream<Arguments> refusalsOfStreams() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 201; i++) {
      many.add("x");
      many.add("y");
    }
    return Stream.of(
        Arguments.of(400, "GET", "/channels/bad%20name", List.of()),
        Arguments.of(401, "GET", "/channels/a", List.of("authorization", "Bearer no")),
        Arguments.of(404, "GET", "/nothing", List.of()),
        Arguments.of(405, "DELETE", "/channels/a", List.of()),
        Arguments.of(413, "POST", "/channels/a", List.of("content-length", "99999999")),
        Arguments.of(
            413,
            "POST",
            "/channels/a",
            List.of("content-length", "99999999", "expect", "100-continue")),
        Arguments.of(431, "GET", "/channels/a", many),
        Arguments.of(
            431, "GET", "/channels/a", List.of("x", "y".repeat(14_900), "z", "z".repeat(1_200))));
  }

  @ParameterizedTest
  @MethodSource("refusalsOfStreams")
  void aPageMayReadWhatIsWrongOverHttp2(
      int status, String method, String path, List<String> further) throws IOException {
    List<String> fields = new ArrayList<>(List.of("origin", PAGE));
    fields.addAll(further);
    try (TestServer server = TestServer.start(config());
        Http2Socket http = Http2Socket.connect(server)) {
      boolean end = method.equals("GET") || method.equals("DELETE");
      Http2Socket.Stream stream =
          http.request(method, path, server.authority(), end, fields.toArray(new String[0]));
      assertReadable(stream.head(), status);
    }
  }

  @Test
  void whatComesTooSlowlyIsReadableOverHttp2() throws IOException {
    ServerConfig config = Configs.withHandshake(config(), Duration.ofMillis(100));
    try (TestServer server = TestServer.start(config);
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream stream =
          http.request(
              "POST",
              "/channels/a",
              server.authority(),
              false,
              "origin",
              PAGE,
              "authorization",
              "Bearer sesame",
              "content-length",
              "2");
      assertReadable(stream.head(), 408);
    }
  }

  /** It is refused by its head, before anything else of it is looked at. */
  @Test
  void whatIsExpectedInVainIsReadableOverHttp2() throws IOException {
    try (TestServer server = TestServer.start(config());
        Http2Socket http = Http2Socket.connect(server)) {
      String[] fields = {"origin", PAGE, "expect", "a-miracle"};
      for (boolean whole : List.of(true, false)) {
        assertReadable(
            http.request("POST", "/channels/a", server.authority(), whole, fields).head(), 417);
      }
    }
  }

  /** Also where nobody's page asks: what is published may look like a page to a browser. */
  @Test
  void nothingIsTakenForWhatItsTypeDoesntSay() throws IOException {
    try (TestServer server = TestServer.start();
        Http2Socket http = Http2Socket.connect(server)) {
      for (String path : List.of("/channels/a", "/health/live", "/metrics", "/admin", "/nothing")) {
        assertThat(HttpSocket.get(server, path, "").field("x-content-type-options"))
            .as(path)
            .contains("nosniff");
        assertThat(http.get(server, path).head().field("x-content-type-options"))
            .as(path)
            .contains("nosniff");
      }
      try (HttpSocket stream = HttpSocket.connect(server)) {
        stream.send(
            HttpSocket.request(server, "GET", "/channels/a", "Accept: text/event-stream\r\n", ""));
        assertThat(stream.head().field("x-content-type-options")).contains("nosniff");
      }
    }
  }
}
