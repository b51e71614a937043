package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RestartingServerTest {
  private static final Duration SOON = Duration.ofMillis(1);
  private static final Duration NEVER = Duration.ofDays(1);

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final AtomicInteger failures = new AtomicInteger();

  @Test
  void aRestartStopsTheServerAndStartsOneOnTheSamePort() throws Exception {
    try (RestartingServer server = RestartingServer.start(this::listen, 0, SOON)) {
      assertThat(next()).isEqualTo("start on 0");
      assertThat(server.restart(SOON, SOON)).isTrue();
      assertThat(next()).isEqualTo("stop");
      assertThat(next()).isEqualTo("start on 4711");
      assertThat(server.address().getPort()).isEqualTo(4711);
    }
    assertThat(next()).isEqualTo("stop");
  }

  @Test
  void onlyOneRestartIsUnderWay() throws Exception {
    try (RestartingServer server = RestartingServer.start(this::listen, 0, SOON)) {
      assertThat(server.restart(NEVER, SOON)).isTrue();
      assertThat(server.restart(SOON, SOON)).isFalse();
    }
  }

  @Test
  void aPortThatIsTakenMeanwhileIsTriedAgain() throws Exception {
    try (RestartingServer server = RestartingServer.start(this::listen, 0, SOON)) {
      next();
      failures.set(2);
      assertThat(server.restart(SOON, SOON)).isTrue();
      assertThat(next()).isEqualTo("stop");
      assertThat(next()).isEqualTo("taken");
      assertThat(next()).isEqualTo("taken");
      assertThat(next()).isEqualTo("start on 4711");
    }
  }

  @Test
  void whatIsClosedDoesNotComeBack() throws Exception {
    RestartingServer server = RestartingServer.start(this::listen, 0, SOON);
    next();
    assertThat(server.restart(SOON, NEVER)).isTrue();
    assertThat(next()).isEqualTo("stop");
    server.close();
    assertThat(server.restart(SOON, SOON)).isFalse();
    assertThat(events).isEmpty();
  }

  private String next() throws InterruptedException {
    String event = events.poll(30, TimeUnit.SECONDS);
    return event == null ? "nothing" : event;
  }

  private RestartingServer.Started listen(int port) throws IOException {
    if (failures.getAndDecrement() > 0) {
      events.add("taken");
      throw new IOException("taken");
    }
    events.add("start on " + port);
    return new RestartingServer.Started() {
      @Override
      public InetSocketAddress address() {
        return InetSocketAddress.createUnresolved("localhost", 4711);
      }

      @Override
      public void close() {
        events.add("stop");
      }
    };
  }
}
