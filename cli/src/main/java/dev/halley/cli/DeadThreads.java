package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

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

  private DeadThreads() {}

  /** From here on the process ends with any of its threads. */
  static void endTheProcess() {
    Thread.setDefaultUncaughtExceptionHandler(new DeadThreads());
  }

  @Override
  public void uncaughtException(Thread thread, Throwable cause) {
    if (thread.isVirtual()) {
      // One request's or question's: whoever waits for it is told by the time that it takes.
      System.getLogger(DeadThreads.class.getName())
          .log(System.Logger.Level.ERROR, "The thread " + thread.getName() + " failed", cause);
      return;
    }
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
