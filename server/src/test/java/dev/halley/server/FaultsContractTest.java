package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whichever step inside fails, on all transports: the connection or request that it belongs to may
 * end, and its client goes on from its cursor. Nothing is lost, nothing comes twice, nobody else
 * notices, and afterwards nothing is left behind.
 */
@ParameterizedClass
@EnumSource(Listening.class)
class FaultsContractTest {
  private static final int MESSAGES = 3;

  /** More steps than a round takes; a test that comes here doesn't end. */
  private static final int MOST_STEPS = 500;

  @Parameter Listening listening;

  @Test
  void anyAllocationMayFail() throws Exception {
    Faults faults = new Faults();
    try (TestServer server = TestServer.start(listening.config(), faults.allocator())) {
      tryEachStep(server, faults);
    }
  }

  @Test
  void anyCallOfTheBrokerMayThrow() throws Exception {
    Faults faults = new Faults();
    try (TestServer server =
        TestServer.start(
            listening.config(), MemoryBroker.Config.defaults(), faults::broker, faults.clock())) {
      tryEachStep(server, faults);
    }
  }

  private void tryEachStep(TestServer server, Faults faults) throws Exception {
    try (Persistent witness = new Persistent(Listening.HALLEY_V1, server)) {
      for (int step = 1; ; step++) {
        assertThat(step).as("steps of a round").isLessThan(MOST_STEPS);
        faults.failStep(step);
        boolean failed = round(server, faults, witness, step);
        if (!failed) {
          break;
        }
      }
    }
    for (String gauge :
        List.of(
            "halley_channels_followed{pattern=\"*\"}",
            "halley_subscriptions_lagging{pattern=\"*\"}",
            "halley_subscriptions{pattern=\"*\",transport=\"sse\"}",
            "halley_subscriptions{pattern=\"*\",transport=\"websocket\"}",
            "halley_subscriptions{pattern=\"*\",transport=\"halley_v1\"}",
            "halley_connections{transport=\"sse\"}",
            "halley_connections{transport=\"websocket\"}",
            "halley_connections{transport=\"halley_v1\"}",
            "halley_connections{transport=\"long_poll\"}")) {
      Scrape.until(server, gauge, it -> it == 0);
    }
    assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
  }

  /** Returns whether the step was reached. */
  private boolean round(TestServer server, Faults faults, Persistent witness, int step)
      throws Exception {
    try (Persistent listener = new Persistent(listening, server)) {
      for (int i = 1; i <= MESSAGES; i++) {
        String text = step + "." + i;
        server.publish("chat", text);
        assertThat(listener.next()).isEqualTo(text);
        assertThat(witness.next()).isEqualTo(text);
      }
      // A connection of HTTP/2 may take two requests of its client with it.
      int most = listening.name().startsWith("HTTP2") ? 2 : 1;
      assertThat(listener.ends + witness.ends).as("ends by one failure").isLessThanOrEqualTo(most);
      witness.ends = 0;
    }
    return faults.disarm();
  }

  /** A client that comes back at its cursor whenever its connection ends. */
  private static final class Persistent implements AutoCloseable {
    private final Listening listening;
    private final TestServer server;
    private Listener listener;
    private int ends;

    Persistent(Listening listening, TestServer server) throws Exception {
      this.listening = listening;
      this.server = server;
      this.listener = open(server.head("chat").toString());
    }

    private Listener open(String cursor) throws Exception {
      try {
        return listening.open(server, "chat", cursor);
      } catch (Exception | AssertionError e) {
        ends++;
        return listening.open(server, "chat", cursor);
      }
    }

    String next() throws Exception {
      Received received;
      try {
        received = listener.next();
      } catch (Exception | AssertionError e) {
        ends++;
        listener.close();
        listener = listening.open(server, "chat", listener.cursor());
        received = listener.next();
      }
      return ((Received.Text) received).text();
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
