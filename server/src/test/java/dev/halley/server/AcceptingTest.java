package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Failures.Place;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcceptingTest {
  private static final Logger LOGGER = Logger.getLogger(Accepting.class.getName());

  private final Failures failures = new Failures();
  private final EmbeddedChannel channel = new EmbeddedChannel(new Accepting(failures));
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private boolean logFails;

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          if (logFails) {
            throw new NoClassDefFoundError("on purpose");
          }
          lines.add(line.getMessage());
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
    channel.freezeTime();
  }

  @AfterEach
  void stop() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
    channel.finishAndReleaseAll();
  }

  @Test
  void itPausesAndGoesOn() {
    for (int i = 1; i <= 20; i++) {
      fail();
      assertThat(channel.config().isAutoRead()).isFalse();
      pass(199);
      assertThat(channel.config().isAutoRead()).isFalse();
      pass(2);
      assertThat(channel.config().isAutoRead()).isTrue();
      assertThat(failures.count(Place.ACCEPT)).isEqualTo(i);
    }
    assertThat(lines).as("one line of one shortage").hasSize(1);
  }

  @Test
  void aLogThatCanNotBeWrittenIsNoReasonToStop() {
    logFails = true;
    fail();
    pass(201);
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.checkException();
  }

  private void fail() {
    channel
        .pipeline()
        .fireExceptionCaught(new IOException("accept(..) failed: Too many open files"));
  }

  private void pass(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }
}
