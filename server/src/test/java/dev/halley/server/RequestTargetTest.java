package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of a request's target, and its Host (RFC 9112 section 3.2). */
class RequestTargetTest {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  private final String channel = "target-" + NAMES.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Answer send(String head) throws Exception {
    return HttpSocket.exchange(server, head + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "HTTP", "ws"})
  void anAbsoluteFormIsServed(String scheme) throws Exception {
    server.publish(channel, "news");
    String target = scheme + "://" + server.authority() + "/channels/" + channel;
    for (String query : new String[] {"", "?since=earliest"}) {
      Answer answer = send("GET " + target + query + " HTTP/1.1\r\nHost: " + server.authority());
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("\"news\"");
    }
  }

  /** Byte by byte the same, so that it comes out of what is kept of recent requests. */
  @Test
  void anAbsoluteFormIsServedAgainAndAgainAlsoToAPollThatWaited() throws Exception {
    String target =
        "http://" + server.authority() + "/channels/" + channel + "?wait=1&since=latest";
    try (HttpSocket http = HttpSocket.connect(server)) {
      for (int i = 0; i < 4; i++) {
        http.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(http.answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void anAbsoluteFormMayPublish() throws Exception {
    String target = "http://" + server.authority() + "/channels/" + channel;
    Answer answer =
        HttpSocket.exchange(
            server, "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
    assertThat(answer.status()).isEqualTo(201);
  }

  /** The same-origin rule goes by it: RFC 9112 section 3.3. */
  @Test
  void theHostOfAnAbsoluteFormIsTheOneThatCounts() throws Exception {
    String origin = "\r\nOrigin: http://" + server.authority();
    String own = "GET http://" + server.authority() + "/channels/a HTTP/1.1\r\nHost: other";
    assertThat(send(own + origin).status()).isEqualTo(200);
    String other = "GET http://other/channels/a HTTP/1.1\r\nHost: " + server.authority();
    assertThat(send(other + origin).status()).isEqualTo(403);
  }

  @Test
  void anAbsoluteFormOpensAWebSocket() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "GET ws://"
              + server.authority()
              + "/channels/a HTTP/1.1\r\nHost: x\r\n"
              + HttpSocket.UPGRADE
              + "\r\n");
      assertThat(http.head().status()).isEqualTo(101);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET ftp://h/channels/a, 400",
    "GET http:/channels/a, 400",
    "GET channels/a, 400",
    "GET http:///channels/a, 400",
    "GET http://user@h/channels/a, 400",
    "GET http://h:x/channels/a, 400",
    "GET *, 400",
    "GET http://h, 404",
    "GET http://h?x=1, 404",
    "GET http://h/, 404",
    "GET http://h/health/live, 200",
    "HEAD http://h/health/live, 200",
    "GET http://[::1]:80/health/live, 200",
    "OPTIONS *, 204",
    "OPTIONS http://h, 204",
    "CONNECT h:80, 501",
    "GET https://h/health/live, 421"
  })
  void everyOtherTargetIsAnsweredAsItIs(String line, int status) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(line + " HTTP/1.1\r\nHost: h\r\n\r\n");
      HttpSocket.Head head = http.head();
      assertThat(head.status()).isEqualTo(status);
      if (status == 204) {
        assertThat(head.field("allow")).contains("GET, HEAD, POST, OPTIONS");
        assertThat(head.field("content-length")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Host: a\r\nHost: a",
        "Host: a, b",
        "Host: a b",
        "Host: user@a",
        "Host: http://a",
        "Host: a/b",
        "Host: a:80:80",
        "Host: a:x",
        "Host: :80",
        "Host: [::1",
        "Host: [::1]x",
        "Host: \u00e4"
      })
  void oneHostIsThereAndIsAHost(String field) throws Exception {
    String fields = field.isEmpty() ? "" : "\r\n" + field;
    assertThat(send("GET /health/live HTTP/1.1" + fields).status()).isEqualTo(400);
    assertThat(send("GET http://a/health/live HTTP/1.1" + fields).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a:", "a:80", "A-b_c.d~", "[::1]", "[::1]:8080", "127.0.0.1", ""})
  void whateverHostItIs(String host) throws Exception {
    // Without keys, names that may have been made to point here are 403.
    assertThat(send("GET /health/live HTTP/1.1\r\nHost: " + host).status()).isIn(200, 403);
  }

  @Test
  void http10NeedsNoHost() throws Exception {
    assertThat(send("GET /health/live HTTP/1.0").status()).isEqualTo(200);
    assertThat(send("GET http://a/health/live HTTP/1.0").status()).isEqualTo(200);
    assertThat(send("GET /health/live HTTP/1.0\r\nHost: a\r\nHost: b").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "OPTIONS, /publish, 'POST, OPTIONS'",
    "OPTIONS, /health/live, 'GET, HEAD, OPTIONS'",
    "OPTIONS, /channels/a/presence, 'GET, HEAD, OPTIONS'",
    "OPTIONS, /channels/a, 'GET, HEAD, POST, OPTIONS'",
    "PUT, /channels/a, 'GET, HEAD, POST, OPTIONS'",
    "PUT, /publish, 'POST, OPTIONS'",
    "PUT, /metrics, 'GET, HEAD, OPTIONS'",
    "POST, /channels/a/presence, 'GET, HEAD, OPTIONS'"
  })
  void aPathSaysWhatItTakes(String method, String path, String allowed) throws Exception {
    Answer answer = send(method + " " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0");
    assertThat(answer.status()).isEqualTo(method.equals("OPTIONS") ? 204 : 405);
    assertThat(answer.field("allow")).contains(allowed);
  }
}
