package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.HttpSocket.Head;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HEAD is GET without its body, at once, and takes nothing (RFC 9110 section 9.3.2). */
class HeadTest {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  private final String channel = "head-" + NAMES.incrementAndGet();
  private final String path = "/channels/" + channel;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Two answers on one connection: had the first a body, the second wouldn't be one. */
  private static List<Head> heads(String target, String fields) throws Exception {
    List<Head> heads = new ArrayList<>();
    try (HttpSocket http = HttpSocket.connect(server)) {
      for (int i = 0; i < 2; i++) {
        http.send(HttpSocket.request(server, "HEAD", target, fields, ""));
        heads.add(http.head());
      }
    }
    return heads;
  }

  private static Map<String, String> lasting(Head head) {
    Map<String, String> fields = new TreeMap<>(head.fields());
    assertThat(fields.remove("date")).isNotNull();
    return fields;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?since=latest", "?limit=1", "/presence", "?mesage=1"})
  void itHasTheFieldsOfAGet(String rest) throws Exception {
    server.publish(channel, "one");
    server.publish(channel, "two");
    Answer get = HttpSocket.get(server, path + rest, "");
    for (Head head : heads(path + rest, "")) {
      assertThat(head.status()).isEqualTo(get.status());
      assertThat(lasting(head)).isEqualTo(lasting(get.head()));
    }
    try (Http2Socket http = Http2Socket.connect(server)) {
      Answer answer = http.request("HEAD", path + rest, server.authority(), true).answer();
      assertThat(answer.status()).isEqualTo(get.status());
      assertThat(answer.body()).isEmpty();
      assertThat(lasting(answer.head())).isEqualTo(lasting(get.head()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health/live", "/health/ready", "/metrics", "/admin/"})
  void itIsThereWhereverGetIs(String target) throws Exception {
    for (Head head : heads(target, "")) {
      assertThat(head.status()).isEqualTo(200);
      assertThat(Integer.parseInt(head.field("content-length").orElseThrow())).isPositive();
    }
  }

  @Test
  void itDoesntWait() throws Exception {
    for (Head head : heads(path + "?since=latest&wait=50", "Prefer: wait=50\r\n")) {
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("preference-applied")).isEmpty();
    }
  }

  @Test
  void nothingNewIs304() throws Exception {
    StreamPosition one = server.publish(channel, "one");
    for (Head head : heads(path, "If-None-Match: \"" + one + "\"\r\n")) {
      assertThat(head.status()).isEqualTo(304);
      assertThat(head.field("etag")).contains('"' + one.toString() + '"');
    }
  }

  @Test
  void itOpensNoEventStreamAndNoWebSocket() throws Exception {
    for (Head head : heads(path, "Accept: text/event-stream\r\n")) {
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("content-type")).contains("text/event-stream");
      assertThat(head.field("content-length")).isEmpty();
    }
    assertThat(heads(path, HttpSocket.UPGRADE)).allMatch(head -> head.status() == 200);
    try (Http2Socket http = Http2Socket.connect(server)) {
      Answer answer =
          http.request("HEAD", path, server.authority(), true, "accept", "text/event-stream")
              .answer();
      assertThat(answer.field("content-type")).contains("text/event-stream");
      assertThat(answer.field("content-length")).isEmpty();
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void itPublishesNothing() throws Exception {
    assertThat(heads("/publish", "")).allMatch(head -> head.status() == 405);
  }
}
