package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** A reader is its cursor: it may go on with it on any transport. */
class HoppingTest {
  private static final int COUNT = 100_000;
  private static final int LONGEST_STAY = 60;
  private static final long SEED = 20_061_986;

  @Test
  void aReaderThatChangesTransportsGetsEachMessageOnceInOrder() throws Exception {
    List<Transport> transports = List.of(Transport.values());
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    try (TestServer server = TestServer.keeping(COUNT)) {
      String cursor = server.publish("chat", "the first one is read before").toString();
      CompletableFuture<Void> publisher = CompletableFuture.runAsync(() -> publishAll(server));
      int read = 0;
      while (read < COUNT) {
        Transport transport = transports.get(random.nextInt(transports.size()));
        int stay = Math.min(1 + random.nextInt(LONGEST_STAY), COUNT - read);
        try (Listener listener = transport.open(server, "chat", cursor)) {
          for (int i = 0; i < stay; i++) {
            assertThat(listener.next()).isEqualTo(new Received.Text("m" + read));
            read++;
          }
          cursor = listener.cursor();
        }
      }
      publisher.join();
      assertThat(cursor).isEqualTo(head(server));
    }
  }

  private static void publishAll(TestServer server) {
    for (int i = 0; i < COUNT; i++) {
      server.publish("chat", "m" + i);
    }
  }

  private static String head(TestServer server) throws Exception {
    try (Listener listener = Transport.POLL.open(server, "chat", "latest")) {
      return listener.cursor();
    }
  }
}
