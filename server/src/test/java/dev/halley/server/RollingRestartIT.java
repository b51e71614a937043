package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Two servers behind HAProxy, one after the other replaced under load. */
@Isolated // it takes all processors, and HAProxy looks at the servers once a second
@Tag("unprivileged")
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

  /** Given by every listener that got on; whoever waits for something looks again then. */
  private final Semaphore progress = new Semaphore(0);

  private final AtomicInteger published = new AtomicInteger(1);

  @Test
  void noClientNoticesThatServersAreReplaced(@TempDir Path directory) throws Exception {
    List<RollingListener> listeners = new ArrayList<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    ScheduledExecutorService publisher = Executors.newSingleThreadScheduledExecutor();
    try (TestServer one = TestServer.start(config());
        TestServer two = one.another();
        FrontProxy proxy =
            FrontProxy.start(FrontProxy.Kind.HAPROXY, directory, one.address(), two.address())) {
      one.goBehind(proxy.port());
      one.publish("news", "m0");
      RollingListener.Way[] ways = RollingListener.Way.values();
      for (int i = 0; i < CLIENTS; i++) {
        listeners.add(new RollingListener(one, "news", ways[i % ways.length], progress::release));
      }
      listeners.forEach(threads::execute);
      await(() -> listeners.stream().allMatch(RollingListener::began));
      assertThat(List.of(one, two)).allMatch(server -> accepted(server) > CLIENTS / 4);

      ScheduledFuture<?> load =
          publisher.scheduleWithFixedDelay(
              () -> publishNext(one), 0, PUBLISH_MILLIS, TimeUnit.MILLISECONDS);
      for (TestServer server : List.of(one, two)) {
        server.restartServer();
        await(() -> isUsedAgain(server));
      }
      assertThat(load.isDone()).as("publishing failed").isFalse();
      publisher.shutdown(); // the one that is under way ends
      assertThat(publisher.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      await(() -> listeners.stream().allMatch(it -> it.received() >= published.get()));

      assertThat(listeners).allSatisfy(it -> assertThat(it.noticed()).isEmpty());
      assertThat(listeners).allSatisfy(it -> assertThat(it.received()).isEqualTo(published.get()));
      // Whoever has a connection of his own had to leave one of them at least.
      assertThat(listeners.stream().filter(it -> it.returns() > 0).count())
          .isGreaterThanOrEqualTo(CLIENTS / 2);
    } finally {
      publisher.shutdownNow();
      threads.shutdownNow();
    }
  }

  /** Publishes one more through the proxy. */
  private void publishNext(TestServer server) {
    int number = published.get();
    String fields = "Content-Type: text/plain\r\nIdempotency-Key: k" + number + "\r\n";
    try {
      HttpSocket.Answer answer;
      do {
        answer = HttpSocket.post(server, "/channels/news", fields, "m" + number);
      } while (answer.status() >= 500); // the same key: it is published once
      assertThat(answer.status()).isEqualTo(201);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    published.set(number + 1);
  }

  private static long accepted(TestServer server) {
    return server.server().metrics().snapshot().get("connections_accepted");
  }

  /** Two checks make it ready for the proxy; what comes after them are clients. */
  private static boolean isUsedAgain(TestServer server) {
    return accepted(server) > 20;
  }

  private void await(BooleanSupplier event) throws InterruptedException {
    long end = System.nanoTime() + 2 * TestServer.PATIENCE.toNanos();
    while (!event.getAsBoolean()) {
      boolean moved = progress.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertThat(moved).as("it came in time").isTrue();
      progress.drainPermits();
    }
  }
}
