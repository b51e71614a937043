package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogHandlerTest {
  private final BlockingQueue<String> written = new LinkedBlockingQueue<>();
  private final CountDownLatch isRead = new CountDownLatch(1);

  /** A pipe that nobody reads until the latch is counted down. */
  private final OutputStream pipe =
      new OutputStream() {
        @Override
        public void write(int b) {
          throw new AssertionError("lines are written whole");
        }

        @Override
        public void write(byte[] line) throws IOException {
          try {
            isRead.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          written.add(new String(line, UTF_8).strip());
        }
      };

  private static LogRecord record(String message) {
    LogRecord record = new LogRecord(Level.WARNING, message);
    record.setLoggerName("test");
    return record;
  }

  @Test
  void aLineIsWrittenWhenItsThreadGoesOn() {
    LogHandler handler = new LogHandler(pipe);
    isRead.countDown();
    // The first one may have to wait for the thread that writes to be started.
    handler.publish(record("first"));
    handler.flush();
    handler.publish(record("second"));
    handler.flush();

    assertThat(written).hasSize(2).last().asString().endsWith("WARNING test: second");
  }

  /** Each of them would wait for ever, or for 100 ms: longer than this test may take. */
  @Test
  void aPipeThatNobodyReadsHoldsUpNobodyAndWhatIsDroppedIsCounted() throws Exception {
    LogHandler handler = new LogHandler(pipe);
    int lines = 5_000;
    for (int i = 0; i < lines; i++) {
      handler.publish(record("line " + i));
    }
    assertThat(written).isEmpty();
    isRead.countDown();

    List<String> all = new ArrayList<>();
    do {
      String line = written.poll(30, TimeUnit.SECONDS);
      assertThat(line).isNotNull();
      all.add(line);
    } while (!all.getLast().contains("missing"));
    // One more than may wait is with the thread that writes, if it was started in time.
    int kept = all.size() - 1;
    assertThat(kept).isBetween(LogHandler.WAITING, LogHandler.WAITING + 1);
    for (int i = 0; i < kept; i++) {
      assertThat(all.get(i)).endsWith("WARNING test: line " + i);
    }
    assertThat(all.getLast())
        .endsWith((lines - kept) + " lines are missing here: standard error took none for a while");
  }
}
