package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Two servers behind HAProxy, one after the other replaced under load. */
@Isolated // it takes all processors, and HAProxy looks at the servers once a second
class RollingRestartIT {
  private static final int CLIENTS = 1_000;
  private static final int PUBLISH_MILLIS = 250;

  /** Longer than HAProxy needs to see it: two checks, one second apart. */
  private static final Duration ANNOUNCE = Duration.ofSeconds(3);

  private static ServerConfig config() {
    ServerConfig config = TestServer.config();
    ServerConfig.Timing t = config.timing();
    return config
        .withDrain(new Drain(ANNOUNCE, 500))
        .withTiming(
            new ServerConfig.Timing(
                t.handshake(),
                t.keepAlive(),
                t.maxWait(),
                t.heartbeat(),
                t.silence(),
                Duration.ofSeconds(10)));
  }

  @Test
  void noClientNoticesThatServersAreReplaced(@TempDir Path directory) throws Exception {
    AtomicBoolean publishing = new AtomicBoolean(true);
    List<RollingListener> listeners = new ArrayList<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try (TestServer one = TestServer.start(config());
        TestServer two = one.another();
        FrontProxy proxy =
            FrontProxy.start(FrontProxy.Kind.HAPROXY, directory, one.address(), two.address())) {
      one.goBehind(proxy.port());
      one.publish("news", "m0");
      RollingListener.Way[] ways = RollingListener.Way.values();
      for (int i = 0; i < CLIENTS; i++) {
        listeners.add(new RollingListener(one, "news", ways[i % ways.length]));
      }
      listeners.forEach(threads::execute);
      await(() -> listeners.stream().allMatch(RollingListener::began));
      assertThat(List.of(one, two)).allMatch(server -> accepted(server) > CLIENTS / 4);

      CompletableFuture<Integer> publisher =
          CompletableFuture.supplyAsync(() -> publish(one, publishing), TestServer.THREADS);
      for (TestServer server : List.of(one, two)) {
        server.restartServer();
        await(() -> isUsedAgain(server));
      }
      publishing.set(false);
      int published = publisher.join();
      await(() -> listeners.stream().allMatch(it -> it.received() >= published));

      assertThat(listeners).allSatisfy(it -> assertThat(it.noticed()).isEmpty());
      assertThat(listeners).allSatisfy(it -> assertThat(it.received()).isEqualTo(published));
      // Whoever has a connection of his own had to leave one of them at least.
      assertThat(listeners.stream().filter(it -> it.returns() > 0).count())
          .isGreaterThanOrEqualTo(CLIENTS / 2);
    } finally {
      publishing.set(false);
      threads.shutdownNow();
    }
  }

  /** Publishes through the proxy until it is to stop; returns how many there are with the first. */
  private static int publish(TestServer server, AtomicBoolean goesOn) {
    int count = 1;
    try {
      while (goesOn.get()) {
        String fields = "Content-Type: text/plain\r\nIdempotency-Key: k" + count + "\r\n";
        HttpSocket.Answer answer;
        do {
          answer = HttpSocket.post(server, "/channels/news", fields, "m" + count);
        } while (answer.status() >= 500); // the same key: it is published once
        assertThat(answer.status()).isEqualTo(201);
        count++;
        Thread.sleep(PUBLISH_MILLIS); // the load, spread over the time that it takes
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return count;
  }

  private static long accepted(TestServer server) {
    return server.server().metrics().snapshot().get("connections_accepted");
  }

  /** Two checks make it ready for the proxy; what comes after them are clients. */
  private static boolean isUsedAgain(TestServer server) {
    return accepted(server) > 20;
  }

  private static void await(BooleanSupplier event) throws InterruptedException {
    long end = System.nanoTime() + 2 * TestServer.PATIENCE.toNanos();
    while (!event.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it came in time").isLessThan(end);
      Thread.sleep(20);
    }
  }
}
