package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class RetryTest {
  @Test
  void aRetryHasTheSameIdempotencyKey() throws IOException, InterruptedException {
    List<String> keys = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
          byte[] body = "{\"position\":\"e:1\"}".getBytes(UTF_8);
          exchange.sendResponseHeaders(keys.size() < 3 ? 503 : 201, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    List<Duration> pauses = new ArrayList<>();
    try {
      Publisher publisher =
          new Publisher(
              Endpoint.of(HttpUrls.of(server.getAddress())),
              Optional.empty(),
              Duration.ofMinutes(1),
              new Publisher.Retries(
                  InstantSource.system(), new Backoff(new Random(1)), pauses::add));

      assertThat(publisher.publish("chat", "text/plain", new byte[0], "key-1")).isEqualTo("e:1");
    } finally {
      server.stop(0);
    }

    assertThat(keys).containsExactly("key-1", "key-1", "key-1");
    assertThat(pauses).hasSize(2);
  }

  @Test
  void theBoundOfTheWaitDoublesToHalfAMinuteAndBeginsAnew() {
    List<Long> bounds = new ArrayList<>();
    Backoff backoff = new Backoff(new RecordingRandom(bounds));
    for (int i = 0; i < 9; i++) {
      backoff.next();
    }
    backoff.reset();
    backoff.next();

    assertThat(bounds)
        .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 250L);
  }

  private record RecordingRandom(List<Long> bounds) implements java.util.random.RandomGenerator {
    @Override
    public long nextLong(long bound) {
      bounds.add(bound - 1);
      return 0;
    }

    @Override
    public long nextLong() {
      return 0;
    }
  }
}
