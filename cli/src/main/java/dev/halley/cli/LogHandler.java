package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes the lines of the log by a thread of its own, so that a pipe that nobody reads, or a full
 * disk behind it, stops no event loop. A thread that logs waits until its line is written, so that
 * a line is there before what follows it; but once that has taken too long, no thread waits until
 * lines are written again. What doesn't fit into the queue meanwhile is dropped and counted.
 */
public final class LogHandler extends Handler {
  /** The most lines that wait. */
  static final int WAITING = 1_000;

  private static final long PATIENCE_MILLIS = 100;

  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasLines = lock.newCondition();
  private final Condition hasWritten = lock.newCondition();
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private long given;
  private long written;
  private long dropped;
  private boolean isStalled;

  /** Called by the JDK. */
  public LogHandler() {
    this(new FileOutputStream(FileDescriptor.err));
  }

  LogHandler(OutputStream out) {
    this.out = out;
    setFormatter(new LogFormatter());
    setLevel(Level.INFO);
    Thread.ofPlatform().daemon().name("halley-log").start(this::write);
  }

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    byte[] line = getFormatter().format(record).getBytes(UTF_8);
    lock.lock();
    try {
      if (waiting.size() >= WAITING) {
        dropped++;
        return;
      }
      waiting.add(line);
      given++;
      hasLines.signal();
      await(given);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all lines are written that were given until now, for a moment at most. */
  @Override
  public void flush() {
    lock.lock();
    try {
      await(given);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    flush();
  }

  private void await(long number) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    try {
      while (written < number && !isStalled) {
        if (nanos <= 0) {
          isStalled = true;
          return;
        }
        nanos = hasWritten.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    try {
      while (true) {
        byte[] next = next();
        try {
          out.write(next);
        } catch (IOException e) {
          // There is nowhere left to say so.
        }
        hasWritten();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private byte[] next() throws InterruptedException {
    lock.lock();
    try {
      while (waiting.isEmpty()) {
        hasLines.await();
      }
      return waiting.remove();
    } finally {
      lock.unlock();
    }
  }

  private void hasWritten() {
    lock.lock();
    try {
      written++;
      isStalled = false;
      hasWritten.signalAll();
      if (dropped > 0 && waiting.isEmpty()) {
        LogRecord record =
            new LogRecord(
                Level.WARNING,
                dropped + " lines are missing here: standard error took none for a while");
        record.setLoggerName(LogHandler.class.getName());
        dropped = 0;
        given++;
        waiting.add(getFormatter().format(record).getBytes(UTF_8));
      }
    } finally {
      lock.unlock();
    }
  }
}
