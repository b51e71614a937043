package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsTest {
  private static final String ALL = "{pattern=\"*\"}";

  private static String of(String metric, String transport) {
    return metric + "{pattern=\"*\",transport=\"" + transport + "\"}";
  }

  private static String connections(String transport) {
    return "halley_connections{transport=\"" + transport + "\"}";
  }

  /** The label of a stream's transport, or none for polls. */
  private static String label(Listening listening) {
    return switch (listening) {
      case POLL, HTTP2_POLL -> "poll";
      case LONG_POLL, HTTP2_LONG_POLL -> "long_poll";
      case SSE, SSE_OBJECTS, HTTP2_SSE, HTTP2_SSE_OBJECTS -> "sse";
      case WEBSOCKET, DEFLATED_WEBSOCKET, HTTP2_WEBSOCKET -> "websocket";
      case HALLEY_V1,
          DEFLATED_HALLEY_V1,
          DEFLATED_IN_A_SMALL_WINDOW,
          TLS_HALLEY_V1,
          HTTP2_DEFLATED_HALLEY_V1 ->
          "halley_v1";
    };
  }

  private static void postHello(TestServer server) throws Exception {
    String text = "Content-Type: text/plain\r\n";
    assertThat(HttpSocket.post(server, "/channels/secret-room", text, "hello").status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @EnumSource(Listening.class)
  void whatIsDeliveredIsCountedByTransport(Listening listening) throws Exception {
    String transport = label(listening);
    try (TestServer server = TestServer.start()) {
      try (Listener listener = listening.open(server, "secret-room", "latest")) {
        for (int i = 0; i < 3; i++) {
          postHello(server);
          assertThat(listener.next()).isEqualTo(new Received.Text("hello"));
        }
        Scrape.until(server, of("halley_deliveries_total", transport), it -> it == 3);
        Scrape scrape =
            Scrape.until(server, of("halley_delivered_bytes_total", transport), it -> it >= 15);
        assertThat(scrape.value("halley_publications_total" + ALL)).isEqualTo(3);
        assertThat(scrape.value("halley_published_bytes_total" + ALL)).isEqualTo(15);
        assertThat(scrape.value(of("halley_delivered_bytes_total", transport)))
            .isLessThanOrEqualTo(2_000.0);
        assertThat(scrape.value("halley_gaps_total" + ALL)).isZero();
        assertThat(scrape.value("halley_broker_channels")).isEqualTo(1);
        assertThat(scrape.text()).doesNotContain("secret-room");
        if (!transport.endsWith("poll")) {
          assertThat(scrape.value(connections(transport))).isEqualTo(1);
          assertThat(scrape.value(of("halley_subscriptions", transport))).isEqualTo(1);
          assertThat(scrape.value("halley_channels_followed" + ALL)).isEqualTo(1);
          assertThat(scrape.value("halley_subscriptions_lagging" + ALL)).isZero();
        }
      }
      if (!transport.endsWith("poll")) {
        // One after the other: a scrape may come between the steps of an end.
        Scrape.until(server, connections(transport), it -> it == 0);
        Scrape.until(server, of("halley_subscriptions", transport), it -> it == 0);
        Scrape.until(server, "halley_channels_followed" + ALL, it -> it == 0);
      }
    }
  }

  @Test
  void channelsAreCountedByThePatternOfTheirPolicy() throws Exception {
    ServerConfig config =
        TestServer.config()
            .withPolicies(List.of(ChannelPolicy.of("room.*"), ChannelPolicy.of("lobby")));
    try (TestServer server = TestServer.start(config)) {
      for (String channel : List.of("room.1", "room.2", "lobby", "elsewhere")) {
        String text = "Content-Type: text/plain\r\n";
        assertThat(HttpSocket.post(server, "/channels/" + channel, text, "x").status())
            .isEqualTo(201);
      }
      Scrape scrape = Scrape.of(server);
      assertThat(scrape.value("halley_publications_total{pattern=\"room.*\"}")).isEqualTo(2);
      assertThat(scrape.value("halley_publications_total{pattern=\"lobby\"}")).isEqualTo(1);
      assertThat(scrape.value("halley_publications_total" + ALL)).isEqualTo(1);
      assertThat(scrape.text()).doesNotContain("room.1", "elsewhere");
    }
  }

  @Test
  void theTimeFromPublishToWriteIsAHistogram() throws Exception {
    try (TestServer server = TestServer.start();
        Listener listener = Listening.SSE.open(server, "chat", "latest")) {
      for (int i = 1; i <= 5; i++) {
        server.publish("chat", "hello");
        listener.next();
        double count = i;
        Scrape.until(server, "halley_delivery_latency_seconds_count" + ALL, it -> it == count);
      }
      Scrape scrape = Scrape.of(server);
      double first =
          scrape.value("halley_delivery_latency_seconds_bucket{pattern=\"*\",le=\"1.0E-5\"}");
      double tenSeconds =
          scrape.value("halley_delivery_latency_seconds_bucket{pattern=\"*\",le=\"10.0\"}");
      assertThat(first).isLessThanOrEqualTo(tenSeconds);
      assertThat(tenSeconds).isEqualTo(5);
      assertThat(scrape.value("halley_delivery_latency_seconds_sum" + ALL)).isBetween(0.0, 20.0);
    }
  }

  @Test
  void aParkedPollIsALongPollUntilItIsAnswered() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket poll = HttpSocket.connect(server)) {
      poll.send(HttpSocket.request(server, "GET", "/channels/chat?since=latest&wait=30", "", ""));
      // One after the other here and below: a scrape may come between two steps of a loop.
      Scrape.until(server, connections("long_poll"), it -> it == 1);
      Scrape.until(server, "halley_channels_followed" + ALL, it -> it == 1);

      server.publish("chat", "hello");
      assertThat(poll.answer().status()).isEqualTo(200);

      Scrape.until(server, connections("long_poll"), it -> it == 0);
      Scrape.until(server, of("halley_deliveries_total", "long_poll"), it -> it == 1);
      Scrape.until(server, "halley_delivery_latency_seconds_count" + ALL, it -> it == 1);
    }
  }

  @Test
  void aGapIsCounted() throws Exception {
    try (TestServer server = TestServer.keeping(2)) {
      String first = server.publish("chat", "1").toString();
      for (int i = 0; i < 5; i++) {
        server.publish("chat", "more");
      }
      try (Listener listener = Listening.HALLEY_V1.open(server, "chat", first)) {
        assertThat(listener.next()).isInstanceOf(Received.Gap.class);
        Scrape.until(server, "halley_gaps_total" + ALL, it -> it == 1);
      }
      assertThat(HttpSocket.get(server, "/channels/chat?since=" + first, "").body())
          .contains("\"gap\":true");
      Scrape.until(server, "halley_gaps_total" + ALL, it -> it == 2);
    }
  }

  @Test
  void oneThatDoesNotReadLagsUntilItIsGone() throws Exception {
    String much = "x".repeat(500_000);
    try (TestServer server = TestServer.start()) {
      try (WebSocketClient client =
          WebSocketClient.open(server, "/channels/chat?since=latest", List.of(), "", List.of())) {
        assertThat(client.head().status()).isEqualTo(101);
        TestServer.await(
            () -> {
              server.publish("chat", much);
              return Scrape.of(server);
            },
            scrape -> scrape.value("halley_subscriptions_lagging" + ALL) == 1);
        Scrape.until(server, "halley_subscriptions_slowed_total" + ALL, it -> it >= 1);
      }
      Scrape.until(server, "halley_subscriptions_lagging" + ALL, it -> it == 0);
    }
  }

  @Test
  void loopsAndProcessAreMeasured() throws Exception {
    try (TestServer server = TestServer.start()) {
      Scrape scrape = Scrape.until(server, "halley_loop_lag_seconds_count", it -> it >= 2);
      assertThat(scrape.value("halley_loop_pending_tasks{loop=\"1\"}")).isNotNegative();
      assertThat(scrape.text()).contains("\njvm_memory_used_bytes{", "\nprocess_cpu_usage ");
      assertThat(scrape.value("halley_buffer_pool_bytes{area=\"direct\"}")).isPositive();
    }
  }

  @Test
  void whatIsRefusedIsCounted() throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(Scrape.of(server).value("halley_refused_requests_total")).isZero();

      HttpSocket.get(server, "/channels/no%20name", "");

      assertThat(Scrape.of(server).value("halley_refused_requests_total")).isEqualTo(1);
    }
  }

  @Test
  void aConnectionTooManyIsCounted() throws Exception {
    try (TestServer server = TestServer.start(Configs.withConnections(1));
        HttpSocket one = HttpSocket.connect(server)) {
      one.send(HttpSocket.request(server, "GET", "/health/live", "", ""));
      assertThat(one.answer().status()).isEqualTo(200);
      try (HttpSocket another = HttpSocket.connect(server)) {
        assertThat(another.answer().status()).isEqualTo(503);
      }
      assertThat(server.server().metrics().snapshot()).containsEntry("connections_refused", 1L);
    }
  }
}
