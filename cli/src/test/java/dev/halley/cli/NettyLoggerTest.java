package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.logging.InternalLogger;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of what Netty logs. */
class NettyLoggerTest {
  private static final Logger JDK = Logger.getLogger("io.netty.NettyLoggerTest");

  private final List<LogRecord> lines = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          lines.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private final InternalLogger logger = new NettyLogger(JDK.getName());

  @BeforeEach
  void listen() {
    JDK.setUseParentHandlers(false);
    JDK.addHandler(handler);
  }

  @AfterEach
  void leave() {
    JDK.removeHandler(handler);
  }

  @Test
  void eachFormOfALineArrives() {
    Throwable thrown = new IllegalStateException("why");
    logger.info("plain");
    logger.info("one: {}", 1);
    logger.warn("two: {} {}", 1, 2);
    logger.warn("three: {} {} {}", 1, 2, 3);
    logger.error("thrown", thrown);
    logger.error("last: {}", "argument", thrown);
    assertThat(lines)
        .extracting(line -> line.getLevel().getName() + " " + line.getMessage())
        .containsExactly(
            "INFO plain",
            "INFO one: 1",
            "WARNING two: 1 2",
            "WARNING three: 1 2 3",
            "SEVERE thrown",
            "SEVERE last: argument");
    assertThat(lines.get(4).getThrown()).isSameAs(thrown);
    assertThat(lines.get(5).getThrown()).isSameAs(thrown);
    assertThat(lines).allMatch(line -> JDK.getName().equals(line.getLoggerName()));
  }

  @Test
  void whatIsBelowInfoIsNotAskedFor() {
    JDK.setLevel(java.util.logging.Level.ALL);
    logger.debug("no");
    logger.trace("no {}", 1);
    assertThat(lines).isEmpty();
    assertThat(logger.isDebugEnabled()).isFalse();
    assertThat(logger.isTraceEnabled()).isFalse();
    assertThat(logger.isInfoEnabled()).isTrue();
  }
}
