package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.app.Application;
import dev.halley.server.app.Response;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an endpoint doesn't know is refused, so that nobody loses messages by a name of their own.
 */
class QueryParametersTest {
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  private final String channel = "query-" + NAMES.incrementAndGet();
  private final String path = "/channels/" + channel;

  @BeforeAll
  static void start() throws Exception {
    Application application =
        Application.builder()
            .get("/app", request -> Response.text(request.query("anything").orElse("")))
            .build();
    server = TestServer.start(Configs.withEcho(1 << 10), application);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /channels/a?mesage=1, mesage",
    "GET, /channels/a?tokn=x, 'tokn (token?)'",
    "GET, /channels/a?sinse=x:1, 'sinse (since?)'",
    "GET, /channels/a?SINCE=x:1, SINCE",
    "GET, /channels/a?form=halley.v1, form",
    "GET, /channels/a?=1, ' has no parameter '",
    "GET, /channels/a?x, x",
    "GET, /channels/a?limit=1&limit=1, limit",
    "GET, /channels/a?lastEventId=a:1&evs_last_event_id=a:1, lastEventId",
    "GET, /channels/a?_=abc, _",
    "GET, /channels/a?r=room, r",
    "GET, /channels/a?evs_preamble=2056, evs_preamble",
    "HEAD, /channels/a?mesage=1, ''",
    "POST, /channels/a?mesage=1, mesage",
    "POST, /channels/a?since=latest, since",
    "POST, /publish?idempotencyKey=1, idempotencyKey",
    "GET, /channels/a/presence?limit=1, limit",
    "GET, /health/live?x=1, x",
    "GET, /metrics?name=halley_connections, name",
    "GET, /admin/?x=1, x",
    "GET, /admin/api/overview?limit=1, limit",
    "GET, /admin/api/connections?transprt=sse, 'transprt (transport?)'",
    "GET, /admin/api/channels?lagging=1, lagging",
    "POST, /admin/api/connections/1/disconnect?x=1, x",
    "POST, /admin/api/channels/a?x=1, x"
  })
  void anUnknownParameterIsRefusedByItsName(String method, String target, String named)
      throws Exception {
    String fields = method.equals("POST") ? "Content-Length: 0\r\n" : "";
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, method, target, fields, ""));
      HttpSocket.Head head = http.head();
      assertThat(head.status()).isEqualTo(400);
      if (!method.equals("HEAD")) {
        assertThat(new String(http.body(head).readAllBytes(), UTF_8)).contains(named);
      }
    }
    assertThat(HttpSocket.get(server, "/channels/a", "").body()).contains("\"publications\":[]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wait=5", "limit=5", "tokn=x", "mesage=1"})
  void whatSaysNothingToAStreamIsRefusedThere(String query) throws Exception {
    String name = query.substring(0, query.indexOf('='));
    Answer stream = HttpSocket.get(server, path + "?" + query, SSE);
    assertThat(stream.status()).isEqualTo(400);
    assertThat(stream.body()).contains("An event stream has no parameter " + name);
    Answer socket = HttpSocket.get(server, path + "?" + query, HttpSocket.UPGRADE);
    assertThat(socket.status()).isEqualTo(400);
    assertThat(socket.body()).contains("A WebSocket has no parameter " + name);
  }

  @Test
  void theEchoEndpointHasNone() throws Exception {
    assertThat(HttpSocket.get(server, "/echo?x=1", HttpSocket.UPGRADE).status()).isEqualTo(400);
    assertThat(HttpSocket.status(server, "/echo", HttpSocket.UPGRADE)).isEqualTo(101);
  }

  @Test
  void theRoutesOfAnApplicationAreItsOwn() throws Exception {
    assertThat(HttpSocket.get(server, "/app?anything=goes", "").body()).isEqualTo("goes");
  }

  /** Those of Yaffle's EventSource, of amvtek's, of Mercure's clients, and by hand. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "?lastEventId=%s",
        "?since=latest&lastEventId=%s",
        "?since=latest&lastEventId=%s&r=5823741",
        "?&lastEventId=%s",
        "?lastEventId=%s&padding=true",
        "?evs_last_event_id=%s&evs_buffer_size_limit=262144&evs_preamble=2056",
        "?lastEventID=%s",
        "?last-event-id=%s",
        "?Last-Event-ID=%s",
        "?last_event_id=%s"
      })
  void thePlaceWhereAPolyfillGoesOnIsUnderstood(String query) throws Exception {
    StreamPosition one = server.publish(channel, "one");
    server.publish(channel, "two");
    String target = path + String.format(query, one.toString().replace(":", "%3A"));
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", target, SSE, ""));
      HttpSocket.Head head = http.head();
      assertThat(head.field("halley-position")).contains(one.toString());
      EventStream stream = EventStream.impatient(http.body(head));
      assertThat(stream.next().orElseThrow().data()).isEqualTo("two");
    }
  }

  @Test
  void aPollAndAWebSocketUnderstandItToo() throws Exception {
    StreamPosition one = server.publish(channel, "one");
    server.publish(channel, "two");
    Answer poll = HttpSocket.get(server, path + "?since=latest&lastEventId=" + one, "");
    assertThat(poll.body()).contains("\"two\"").doesNotContain("\"one\"");
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(server, "GET", path + "?lastEventId=" + one, HttpSocket.UPGRADE, ""));
      HttpSocket.Head head = http.head();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.field("halley-position")).contains(one.toString());
    }
  }

  @Test
  void anEmptyIdIsNoneAndABadOneIsRefused() throws Exception {
    server.publish(channel, "one");
    assertThat(HttpSocket.status(server, path + "?lastEventId=&r=123", SSE)).isEqualTo(200);
    assertThat(HttpSocket.get(server, path + "?lastEventId=&since=earliest", "").body())
        .contains("\"one\"");
    assertThat(HttpSocket.get(server, path + "?lastEventId=nonsense", "").status()).isEqualTo(400);
  }

  /** A field is of the last answer, a URL may be older; and what is in it may have grown. */
  @Test
  void fieldsGoBeforeTheUrlAndTheIdBeforeSince() throws Exception {
    StreamPosition one = server.publish(channel, "one");
    StreamPosition two = server.publish(channel, "two");
    StreamPosition three = server.publish(channel, "three");
    String url = path + "?since=" + one + "&lastEventId=" + two;
    assertThat(HttpSocket.get(server, url, "").body()).doesNotContain("two").contains("three");
    String tag = "If-None-Match: \"" + three + "\"\r\n";
    assertThat(HttpSocket.get(server, url, tag).status()).isEqualTo(304);
    String id = "Last-Event-ID: " + one + "\r\n";
    assertThat(HttpSocket.get(server, url, tag + id).body()).contains("two", "three");
  }
}
