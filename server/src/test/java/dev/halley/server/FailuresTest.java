package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Failures.Place;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private static final Logger LOGGER = Logger.getLogger(Failures.class.getName());

  private final Failures failures = new Failures();
  private final List<LogRecord> lines = new CopyOnWriteArrayList<>();
  private volatile Runnable atLine = () -> {};

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          atLine.run();
          lines.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(handler);
  }

  @AfterEach
  void stop() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  @Test
  void eachIsCountedAndTheFirstOfAKindIsLogged() {
    for (int i = 0; i < 100; i++) {
      failures.contain(Place.TIMER, thrownHere());
    }
    failures.contain(Place.REQUEST, thrownHere());
    failures.contain(Place.TIMER, new StackOverflowError());
    assertThat(failures.count(Place.TIMER)).isEqualTo(101);
    assertThat(failures.count(Place.REQUEST)).isEqualTo(1);
    assertThat(failures.count(Place.LOOP)).isZero();
    assertThat(lines)
        .extracting(LogRecord::getMessage)
        .extracting(it -> it.replaceAll(".*\\((.*)\\).*", "$1"))
        .containsExactly("timer", "request", "timer");
    assertThat(lines.getFirst().getThrown()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theSameClassThrownElsewhereIsAnotherKind() {
    failures.contain(Place.TASK, thrownHere());
    failures.contain(Place.TASK, thrownThere());
    assertThat(lines).hasSize(2);
  }

  @Test
  void aLogThatFailsStopsNothingAndTheKindIsLoggedLater() {
    atLine =
        () -> {
          throw new OutOfMemoryError("for a line");
        };
    failures.contain(Place.CONNECTION, thrownHere());
    assertThat(failures.count(Place.CONNECTION)).isEqualTo(1);
    atLine = () -> {};
    failures.contain(Place.CONNECTION, thrownHere());
    assertThat(lines).hasSize(1);
  }

  @Test
  void howManyKindsThereAreIsBounded() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      IllegalStateException failure = thrownHere();
      failure.setStackTrace(
          new StackTraceElement[] {new StackTraceElement("Some", "method" + i, "Some.java", i)});
      failures.contain(Place.BROKER, failure);
    }
    assertThat(failures.count(Place.BROKER)).isEqualTo(1_000);
    assertThat(lines).hasSizeBetween(2, 32);
  }

  @Test
  void theMetricHasEachPlace() throws Exception {
    try (TestServer server = TestServer.start()) {
      server.metrics().failures().contain(Place.DELIVERY, thrownHere());
      Scrape scrape = Scrape.of(server);
      assertThat(scrape.value("halley_failures_total{where=\"delivery\"}")).isEqualTo(1);
      assertThat(scrape.value("halley_failures_total{where=\"accept\"}")).isZero();
    }
  }

  /** The caller's mistake is told to the caller: the log is for what the operator has to see to. */
  @Test
  void aKeyThatIsAnotherPublicationsIsNoFailure() throws Exception {
    try (TestServer server = TestServer.start()) {
      String key = "Content-Type: text/plain\r\nIdempotency-Key: once\r\n";
      assertThat(HttpSocket.post(server, "/channels/a", key, "one").status()).isEqualTo(201);
      assertThat(HttpSocket.post(server, "/channels/a", key, "two").status()).isEqualTo(422);
      assertThat(server.metrics().failures().count(Place.BROKER)).isZero();
      assertThat(lines).isEmpty();
    }
  }

  private static IllegalStateException thrownHere() {
    return new IllegalStateException("on purpose");
  }

  private static IllegalStateException thrownThere() {
    return new IllegalStateException("on purpose");
  }
}
