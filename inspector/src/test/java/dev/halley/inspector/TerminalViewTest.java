package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The terminal while traffic passes. */
@Timeout(60)
class TerminalViewTest {
  private static final String CLEAR_LINE = "\r\u001b[2K";

  /** What was written, and when the line that sums up was. */
  private static final class Screen extends ByteArrayOutputStream {
    final CountDownLatch summedUp = new CountDownLatch(1);

    @Override
    public void flush() {
      if (toString(UTF_8).endsWith("rules broken")) {
        summedUp.countDown();
      }
    }
  }

  @Test
  void aLineSumsUpBelowTheEventsAndMakesWayForThem() throws Exception {
    TapLog log = new TapLog(100, 1 << 20);
    log.append(new TapEvent.Opened(1, 0, "client", "server"));
    Screen screen = new Screen();
    TerminalView view =
        new TerminalView(
            log,
            TapFilter.ALL,
            new TerminalView.Style(false, false, true, ZoneOffset.UTC),
            new PrintStream(screen, false, UTF_8),
            () -> 1234);
    Thread viewer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    view.run(0);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThat(screen.summedUp.await(30, TimeUnit.SECONDS)).isTrue();
    log.end();
    viewer.join();
    String line = "1 connections, 1 open · 0 frames · 1,234 bytes · 0 rules broken";
    assertThat(screen.toString(UTF_8))
        .startsWith(CLEAR_LINE + "00:00:00.000000 #1 ↔ open client to server\n" + line)
        .endsWith(line + CLEAR_LINE);
  }
}
