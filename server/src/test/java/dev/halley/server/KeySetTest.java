package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens whose keys come from an HTTP server. */
class KeySetTest {
  private static final String SSE = "Accept: text/event-stream\r\n";
  private static final KeyPair OLD = TestTokens.rsa();
  private static final KeyPair NEW = TestTokens.rsa();

  private final ManualClock clock = new ManualClock();
  private final AtomicInteger asked = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile Reply reply = exchange -> {};
  private HttpServer keys;

  private interface Reply {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  @BeforeEach
  void start() throws IOException {
    keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    keys.setExecutor(threads);
    keys.createContext(
        "/keys",
        exchange -> {
          asked.incrementAndGet();
          try (exchange) {
            reply.to(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    keys.start();
  }

  @AfterEach
  void stop() {
    keys.stop(0);
    threads.shutdownNow();
  }

  private static Reply set(String... jwks) {
    return exchange -> send(exchange, 200, TestTokens.keySet(jwks));
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private TestServer server() throws IOException {
    URI url = URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/keys");
    return TestServer.start(
        TestServer.config().withTokens(TokenConfig.of(Keys.KeySet.of(url))), clock);
  }

  private String bearer(String kid, KeyPair pair) {
    String claims = TestTokens.claims(clock.instant().plus(Duration.ofDays(2)), "");
    String header = "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}";
    String token =
        TestTokens.make(header, claims, TestTokens.signer("SHA256withRSA", pair.getPrivate()));
    return "Authorization: Bearer " + token + "\r\n";
  }

  private Answer get(TestServer server, String fields) throws IOException {
    return HttpSocket.get(server, "/channels/room.1", fields);
  }

  @Test
  void aRequestThatComesBeforeTheKeysWaitsForThem() throws Exception {
    Semaphore open = new Semaphore(0);
    reply =
        exchange -> {
          open.acquire();
          set(TestTokens.jwk("old", OLD)).to(exchange);
        };
    try (TestServer server = server();
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/room.1", bearer("old", OLD), ""));
      TestServer.await(() -> server.server().metrics().requests().sum() > 0);
      // The loops are free meanwhile.
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
      assertThat(get(server, "").status()).isEqualTo(401);
      open.release();
      assertThat(http.answer().status()).isEqualTo(200);
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void aNewKeyIsFetchedOnEveryTransportAndForAPublication() throws Exception {
    for (String fields : List.of("", SSE, "POST")) {
      reply = set(TestTokens.jwk("old", OLD));
      try (TestServer server = server()) {
        assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(200);
        reply = set(TestTokens.jwk("old", OLD), TestTokens.jwk("new", NEW));
        clock.advance(Duration.ofSeconds(10));
        if (fields.equals("POST")) {
          assertThat(HttpSocket.post(server, "/channels/room.42", bearer("new", NEW), "x").status())
              .isEqualTo(201);
          assertThat(get(server, bearer("new", NEW)).body())
              .contains("\"publications\":[]"); // of another channel
        } else {
          try (HttpSocket http = HttpSocket.connect(server)) {
            http.send(
                HttpSocket.request(
                    server, "GET", "/channels/room.1", fields + bearer("new", NEW), ""));
            assertThat(http.head().status()).isEqualTo(200);
          }
        }
      }
    }
  }

  @Test
  void aRenewalWaitsForItsKey() throws Exception {
    reply = set(TestTokens.jwk("old", OLD));
    try (TestServer server = server();
        WebSocketClient client =
            WebSocketClient.open(
                server, "/channels", HalleyV1Listener.SUBPROTOCOL, bearer("old", OLD))) {
      reply = set(TestTokens.jwk("new", NEW));
      clock.advance(Duration.ofSeconds(10));
      String token = bearer("new", NEW).strip().substring("Authorization: Bearer ".length());
      client.send("{\"id\":1,\"op\":\"refresh\",\"token\":\"" + token + "\"}");
      assertThat(client.receiveText()).contains("\"expires\":");
    }
  }

  @Test
  void whileTheEndpointIsDownOldKeysCountAndNewOnesDont() throws Exception {
    reply = set(TestTokens.jwk("old", OLD));
    try (TestServer server = server()) {
      assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(200);
      reply = exchange -> send(exchange, 500, "no");
      clock.advance(Duration.ofMinutes(6));
      assertThat(get(server, bearer("new", NEW)).status()).isEqualTo(401);
      assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(200);
      assertThat(server.server().metrics().keySetFailures().sum()).isEqualTo(1);
    }
  }

  @Test
  void withoutAnyKeysTokensAreAnsweredWith503() throws Exception {
    for (Reply bad :
        List.<Reply>of(
            exchange -> send(exchange, 404, "no"),
            exchange -> send(exchange, 200, "{\"keys\":[null]}"),
            exchange -> send(exchange, 200, "[".repeat(100_000)),
            exchange -> send(exchange, 200, ""),
            exchange -> send(exchange, 200, "{\"keys\":\"" + "x".repeat(300 << 10) + "\"}"),
            exchange -> {
              exchange.getResponseHeaders().add("Location", "/keys?again");
              send(exchange, 302, "");
            })) {
      reply = bad;
      asked.set(0);
      try (TestServer server = server()) {
        Answer answer = get(server, bearer("old", OLD));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("retry-after")).isPresent();
        assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(503);
        assertThat(asked).hasValue(1);
        assertThat(server.server().metrics().keySetFailures().sum()).isEqualTo(1);
        reply = set(TestTokens.jwk("old", OLD));
        clock.advance(Duration.ofSeconds(10));
        assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void anEndpointThatNeverAnswersHoldsARequestForAWhileOnly() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    reply = exchange -> never.await();
    try (TestServer server = server()) {
      long begin = System.nanoTime();
      assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(503);
      assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(15));
    } finally {
      never.countDown();
    }
  }

  /** What {@code ws}, socket.io and others do with an upgrade that they don't know. */
  @Test
  void noUpgradeIsAskedFor() throws Exception {
    reply =
        exchange -> {
          if (exchange.getRequestHeaders().containsKey("Upgrade")) {
            send(exchange, 400, "");
          } else {
            set(TestTokens.jwk("old", OLD)).to(exchange);
          }
        };
    try (TestServer server = server()) {
      assertThat(get(server, bearer("old", OLD)).status()).isEqualTo(200);
    }
  }
}
