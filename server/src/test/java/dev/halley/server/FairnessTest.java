package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.TokenConfig.Keys;
import dev.halley.server.WebSocketClient.Message;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One address or one user can't take what is the others'. */
class FairnessTest {
  private static final Optional<Rate> HOURLY = Optional.of(new Rate(1, Duration.ofHours(1)));
  private static final String SSE = "Accept: text/event-stream\r\n";

  private @Nullable TestServer started;

  @AfterEach
  void stop() {
    if (started != null) {
      started.close();
    }
  }

  private TestServer start(ServerConfig config) throws IOException {
    TestServer server = TestServer.start(config);
    started = server;
    return server;
  }

  private static ServerConfig config(Rates rates) {
    return Configs.withKey("sesame")
        .withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)))
        .withProxyTrust(
            new ProxyTrust(
                List.of(AddressRange.parse("127.0.0.0/8")), ProxyTrust.Header.X_FORWARDED_FOR))
        .withRates(rates);
  }

  private static String as(String user, String address) {
    String claims =
        "{\"sub\":\""
            + user
            + "\",\"exp\":"
            + Instant.now().plusSeconds(3_600).getEpochSecond()
            + ",\"channels\":{\"subscribe\":[\"*\"],\"publish\":[\"*\"]}}";
    return "Content-Type: text/plain\r\nX-Forwarded-For: "
        + address
        + "\r\nAuthorization: Bearer "
        + TestTokens.hs256(TestTokens.SECRET.getBytes(UTF_8), claims)
        + "\r\n";
  }

  /** How somebody publishes. */
  enum Way {
    POST,
    BATCH,
    WEBSOCKET,
    HALLEY_V1
  }

  /** Publishes {@code hello} as somebody, and says with what status or close code it ended. */
  private static int publish(TestServer server, Way way, String fields) throws IOException {
    return switch (way) {
      case POST -> status(HttpSocket.post(server, "/channels/a", fields, "hello"));
      case BATCH ->
          status(
              HttpSocket.post(
                  server, "/publish", fields, "[{\"channel\":\"a\",\"data\":\"hello\"}]"));
      case WEBSOCKET -> {
        try (WebSocketClient client =
            WebSocketClient.open(server, "/channels/a", List.of(), fields)) {
          client.send("hello");
          yield client.receive() instanceof Message.Closed closed ? closed.code() : 201;
        }
      }
      case HALLEY_V1 -> {
        try (WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, fields)) {
          client.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"a\",\"data\":\"hello\"}");
          String answer = client.receiveText();
          yield answer.contains("error")
              ? Json.parse(answer).get("error").get("code").intValue()
              : 201;
        }
      }
    };
  }

  private static int status(Answer answer) {
    assertThat(answer.field("retry-after").isPresent()).isEqualTo(answer.status() == 429);
    return answer.status();
  }

  private static int refused(Way way) {
    return way == Way.WEBSOCKET ? 1008 : 429;
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aUserPublishesAtOneRateFromWhereverHeIs(Way way) throws Exception {
    TestServer server = start(config(new Rates(Optional.empty(), Optional.empty(), HOURLY)));
    assertThat(publish(server, way, as("ann", "192.0.2.1"))).isEqualTo(201);
    for (Way other : Way.values()) {
      assertThat(publish(server, other, as("ann", "192.0.2.2"))).isEqualTo(refused(other));
    }
    assertThat(publish(server, way, as("bob", "192.0.2.1"))).isEqualTo(201);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void anAddressPublishesAtOneRateWhoeverIsThere(Way way) throws Exception {
    TestServer server = start(config(new Rates(Optional.empty(), HOURLY, Optional.empty())));
    assertThat(publish(server, way, as("ann", "2001:db8::1"))).isEqualTo(201);
    for (Way other : Way.values()) {
      assertThat(publish(server, other, as("bob", "2001:db8::2"))).isEqualTo(refused(other));
    }
    assertThat(publish(server, way, as("ann", "2001:db8:0:1::1"))).isEqualTo(201);
  }

  @Test
  void theOperatorsBackendsHaveNeither() throws Exception {
    TestServer server = start(config(new Rates(Optional.empty(), HOURLY, HOURLY)));
    String key = "X-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer sesame\r\n";
    for (Way way : Way.values()) {
      assertThat(publish(server, way, key)).isEqualTo(201);
    }
  }

  @Test
  void aUserHasSoManyStreamsAndPollsFromWhereverHeIs() throws Exception {
    TestServer server = start(Configs.withConnectionsPerUser(config(Rates.unlimited()), 4));
    String ann = as("ann", "192.0.2.1");
    List<AutoCloseable> open = new ArrayList<>();
    try {
      HttpSocket stream = HttpSocket.connect(server);
      open.add(stream);
      stream.send(HttpSocket.request(server, "GET", "/channels/a", ann + SSE, ""));
      assertThat(stream.head().status()).isEqualTo(200);
      open.add(WebSocketClient.open(server, "/channels/a", List.of(), ann));
      open.add(WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, ann));
      HttpSocket poll = HttpSocket.connect(server);
      open.add(poll);
      poll.send(HttpSocket.request(server, "GET", "/channels/a?since=latest&wait=30", ann, ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);

      String elsewhere = as("ann", "192.0.2.2");
      for (String how : List.of("", SSE, "Prefer: wait=30\r\n")) {
        Answer refused = HttpSocket.get(server, "/channels/a", elsewhere + how);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("retry-after")).isPresent();
      }
      assertThat(HttpSocket.get(server, "/channels/a", as("bob", "192.0.2.1")).status())
          .isEqualTo(200);

      server.publish("a", "the poll is answered, so there is place again");
      assertThat(poll.answer().status()).isEqualTo(200);
      for (int i = 0; i < 3; i++) {
        assertThat(HttpSocket.get(server, "/channels/a", elsewhere).status()).isEqualTo(200);
      }
    } finally {
      for (AutoCloseable it : open) {
        it.close();
      }
    }
    Scrape.until(server, "halley_connections{transport=\"sse\"}", it -> it == 0);
    Scrape.until(server, "halley_connections{transport=\"websocket\"}", it -> it == 0);
    Scrape.until(server, "halley_connections{transport=\"halley_v1\"}", it -> it == 0);
    for (int i = 0; i < 4; i++) {
      try (WebSocketClient client = WebSocketClient.open(server, "/channels/a", List.of(), ann)) {
        assertThat(client.head().status()).isEqualTo(101);
      }
    }
  }
}
