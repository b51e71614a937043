package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A reader is its cursor: it may go on with it on any transport. */
class HoppingTest {
  private static final int COUNT = 100_000;
  private static final long SEED = 20_061_986;

  /**
   * @param lead how far the publisher may be ahead: near, so that many a listener catches up and is
   *     served live before the reader hops on; or flat out, so that each reads from a log that is
   *     far ahead
   * @param longestStay how many messages are read before the next hop, at most
   */
  @ParameterizedTest
  @CsvSource({"150, 60", COUNT + ", 600"})
  void aReaderThatChangesTransportsGetsEachMessageOnceInOrder(int lead, int longestStay)
      throws Exception {
    List<Listening> transports = List.of(Listening.values());
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    Semaphore ahead = new Semaphore(lead);
    try (TestServer server = TestServer.keeping(COUNT)) {
      String cursor = server.publish("chat", "the first one is read before").toString();
      CompletableFuture<Void> publisher =
          CompletableFuture.runAsync(() -> publishAll(server, ahead), TestServer.THREADS);
      int read = 0;
      while (read < COUNT) {
        Listening listening = transports.get(random.nextInt(transports.size()));
        int stay = Math.min(1 + random.nextInt(longestStay), COUNT - read);
        try (Listener listener = listening.open(server, "chat", cursor)) {
          for (int i = 0; i < stay; i++) {
            assertThat(listener.next()).isEqualTo(new Received.Text("m" + read));
            read++;
            ahead.release();
          }
          cursor = listener.cursor();
        }
      }
      publisher.join();
      assertThat(cursor).isEqualTo(head(server));
    }
  }

  private static void publishAll(TestServer server, Semaphore ahead) {
    for (int i = 0; i < COUNT; i++) {
      ahead.acquireUninterruptibly();
      server.publish("chat", "m" + i);
    }
  }

  private static String head(TestServer server) throws Exception {
    try (Listener listener = Listening.POLL.open(server, "chat", "latest")) {
      return listener.cursor();
    }
  }
}
