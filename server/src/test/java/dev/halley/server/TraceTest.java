package dev.halley.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A trace goes on from whoever publishes to whoever listens, on each transport that can say it. */
class TraceTest {
  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final String OTHER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  private static final String STATE = "rojo=\"1\"";
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String TRACED =
      TEXT + "traceparent: " + PARENT + "\r\nTraceState: " + STATE + "\r\n";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** How a publication and its trace come in. */
  enum Way {
    POST,
    BATCH_OF_THE_REQUEST,
    BATCH_OF_THE_ENTRY,
    HALLEY_V1
  }

  private void publish(Way way) throws IOException {
    String entry = "\"channel\":\"a\",\"data\":\"hello\"";
    String own = ",\"traceparent\":\"" + PARENT + "\",\"tracestate\":" + quoted(STATE);
    switch (way) {
      case POST -> created(HttpSocket.post(server, "/channels/a", TRACED, "hello"));
      case BATCH_OF_THE_REQUEST ->
          created(HttpSocket.post(server, "/publish", TRACED, "[{" + entry + "}]"));
      case BATCH_OF_THE_ENTRY ->
          created(
              HttpSocket.post(
                  server,
                  "/publish",
                  TEXT + "traceparent: " + OTHER + "\r\n",
                  "[{" + entry + own + "}]"));
      case HALLEY_V1 -> {
        try (WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
          client.send("{\"id\":1,\"op\":\"publish\"," + entry + own + "}");
          assertThat(client.receiveText()).contains("\"position\"");
        }
      }
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\\\"") + '"';
  }

  private static void created(Answer answer) {
    assertThat(answer.status()).isEqualTo(201);
  }

  private static void assertTraced(JsonNode publication) {
    assertThat(publication.get("data").stringValue()).isEqualTo("hello");
    assertThat(publication.get("traceparent").stringValue()).isEqualTo(PARENT);
    assertThat(publication.get("tracestate").stringValue()).isEqualTo(STATE);
  }

  private JsonNode poll() throws IOException {
    return Json.parse(HttpSocket.get(server, "/channels/a", "").body()).get("publications");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aPollSaysIt(Way way) throws Exception {
    publish(way);
    assertTraced(poll().get(0));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void soDoesALongPoll(Way way) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a?since=latest&wait=30", "", ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);
      publish(way);
      assertTraced(Json.parse(http.answer().body()).get("publications").get(0));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void soDoesHalleyV1CompressedOrNotLiveOrFromHistory(Way way) throws Exception {
    try (WebSocketClient plain =
            WebSocketClient.open(server, "/channels/a", HalleyV1Listener.SUBPROTOCOL, "");
        WebSocketClient compressed =
            WebSocketClient.open(
                server, "/channels/a", HalleyV1Listener.SUBPROTOCOL, "", Listening.DEFLATE)) {
      assertThat(plain.receiveText()).contains("subscribed");
      assertThat(compressed.receiveText()).contains("subscribed");
      publish(way);
      assertTraced(Json.parse(plain.receiveText()));
      assertTraced(Json.parse(compressed.receiveText()));
      plain.send("{\"id\":1,\"op\":\"history\",\"channel\":\"a\"}");
      assertTraced(Json.parse(plain.receiveText()).get("publications").get(0));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void soDoesAnEventStreamOfObjects(Way way) throws Exception {
    publish(way);
    try (HttpSocket http = HttpSocket.connect(server)) {
      String target = "/channels/a?form=halley.v1&since=earliest";
      http.send(HttpSocket.request(server, "GET", target, "Accept: text/event-stream\r\n", ""));
      List<String> lines = linesUntil(http, "hello");
      assertTraced(Json.parse(lines.getLast().substring("data: ".length())));
    }
  }

  @Test
  void barePayloadsStayBare() throws Exception {
    publish(Way.POST);
    String earliest = "/channels/a?since=earliest";
    try (WebSocketClient client = WebSocketClient.open(server, earliest, List.of(), "")) {
      assertThat(client.receiveText()).isEqualTo("hello");
    }
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", earliest, "Accept: text/event-stream\r\n", ""));
      assertThat(linesUntil(http, "hello"))
          .noneMatch(line -> line.contains("4bf92f3577b34da6a3ce929d0e0e4736"))
          .last()
          .isEqualTo("data: hello");
    }
  }

  @Test
  void withoutOneOrWithABadOneThereIsNone() throws Exception {
    String twice = "traceparent: " + PARENT + "\r\n";
    for (String fields :
        List.of(
            "",
            "traceparent: " + PARENT + "-x\r\n",
            "tracestate: " + STATE + "\r\n",
            twice + twice)) {
      created(HttpSocket.post(server, "/channels/a", TEXT + fields, "hello"));
    }
    assertThat(poll()).hasSize(4);
    for (JsonNode publication : poll()) {
      assertThat(publication.has("traceparent")).isFalse();
      assertThat(publication.has("tracestate")).isFalse();
    }
  }

  @Test
  void aBadStateLeavesTheTraceAlone() throws Exception {
    created(
        HttpSocket.post(
            server,
            "/channels/a",
            TEXT + "traceparent: " + PARENT + "\r\ntracestate: no state\r\n",
            "hello"));
    assertThat(poll().get(0).get("traceparent").stringValue()).isEqualTo(PARENT);
    assertThat(poll().get(0).has("tracestate")).isFalse();
  }

  @Test
  void statesInSeveralFieldsAreOne() throws Exception {
    created(
        HttpSocket.post(
            server,
            "/channels/a",
            TEXT + "traceparent: " + PARENT + "\r\ntracestate: a=1\r\ntracestate: b=2\r\n",
            "hello"));
    assertThat(poll().get(0).get("tracestate").stringValue()).isEqualTo("a=1,b=2");
  }

  @Test
  void itComesWithHttp2() throws Exception {
    try (Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream stream =
          http.request(
              "POST",
              "/channels/a",
              server.authority(),
              false,
              "traceparent",
              PARENT,
              "tracestate",
              STATE,
              "content-type",
              "text/plain");
      http.send(Http2Socket.DATA, Http2Socket.END_STREAM, stream.id(), "hello".getBytes(US_ASCII));
      assertThat(stream.answer().status()).isEqualTo(201);
    }
    assertTraced(poll().get(0));
  }

  /** The lines of a stream, up to one with that text. */
  private static List<String> linesUntil(HttpSocket http, String text) throws IOException {
    HttpSocket.Head head = http.head();
    assertThat(head.status()).isEqualTo(200);
    InputStream body = http.body(head);
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    while (lines.isEmpty() || !lines.getLast().contains(text)) {
      int c = body.read();
      assertThat(c).isNotNegative();
      if (c == '\n') {
        lines.add(line.toString());
        line.setLength(0);
      } else {
        line.append((char) c);
      }
    }
    return lines;
  }
}
