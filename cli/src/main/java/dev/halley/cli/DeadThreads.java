package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the process when one of its threads ends by what was thrown: an event loop, the one that
 * forgets old publications, any that a server can't do without. It would go on as half a server
 * that nobody starts anew. What can be survived has been contained long before.
 */
final class DeadThreads implements Thread.UncaughtExceptionHandler {
  /** The exit code: whatever watches over the process may start another. */
  static final int EXIT_CODE = 3;

  /** Made now, for a time without memory. */
  private static final byte[] NO_MEMORY =
      "halley: a thread has ended for want of memory, so this process ends with 3\n"
          .getBytes(UTF_8);

  private static final int MOST_FRAMES = 20;

  /** How long the lines may take: standard error may be a pipe that nobody empties. */
  private static final long WRITING_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long HALTER_STACK_BYTES = 128 << 10;

  /** Halts where the thread that ends can't. It is there from the start: later none may start. */
  private final Thread halter =
      Thread.ofPlatform()
          .daemon()
          .name("halley-halt")
          .stackSize(HALTER_STACK_BYTES)
          .unstarted(this::haltWhenWritingTakesTooLong);

  private volatile boolean ending;

  private DeadThreads() {}

  /** From here on the process ends with any of its threads. */
  static void endTheProcess() {
    if (Thread.getDefaultUncaughtExceptionHandler() instanceof DeadThreads) {
      return;
    }
    DeadThreads handler = new DeadThreads();
    handler.halter.start();
    Thread.setDefaultUncaughtExceptionHandler(handler);
  }

  /** Allocates nothing, for a time without memory. */
  private void haltWhenWritingTakesTooLong() {
    while (!ending) {
      LockSupport.park();
    }
    long begin = System.nanoTime();
    long left = WRITING_NANOS;
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = WRITING_NANOS - (System.nanoTime() - begin);
    }
    Runtime.getRuntime().halt(EXIT_CODE);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable cause) {
    if (thread.isVirtual()) {
      // One request's or question's: whoever waits for it is told by the time that it takes.
      System.getLogger(DeadThreads.class.getName())
          .log(System.Logger.Level.ERROR, "The thread " + thread.getName() + " failed", cause);
      return;
    }
    ending = true;
    LockSupport.unpark(halter);
    try {
      write(lines(thread.getName(), cause).getBytes(UTF_8));
    } catch (Throwable e) {
      write(NO_MEMORY);
    } finally {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  /** What is said: one line, and where it was thrown. */
  static String lines(String thread, Throwable cause) {
    StringBuilder lines = new StringBuilder(1024);
    lines.append("halley: the thread ");
    LogText.appendEscaped(lines, thread);
    lines.append(" has ended, so this process ends with ").append(EXIT_CODE).append(": ");
    LogText.appendEscaped(lines, cause.toString());
    lines.append('\n');
    StackTraceElement[] frames = cause.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, MOST_FRAMES); i++) {
      lines.append("\tat ");
      LogText.appendEscaped(lines, frames[i].toString());
      lines.append('\n');
    }
    return lines.toString();
  }

  /** Not closed: that would be the end of standard error. */
  @SuppressWarnings("resource")
  private static void write(byte[] line) {
    try {
      new FileOutputStream(FileDescriptor.err).write(line);
    } catch (IOException e) {
      // Nobody reads it. The exit code says it, too.
    }
  }
}
