package dev.halley.cli;

import io.netty.util.internal.logging.AbstractInternalLogger;
import io.netty.util.internal.logging.FormattingTuple;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.MessageFormatter;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What Netty logs, from {@code info} on, by a {@link System.Logger} that is asked for only when
 * there is a line: the JDK's logging, when it is first touched, opens each jar to look for another
 * one, which is a quarter of the start, and nearly each class of Netty's asks for a logger.
 */
final class NettyLogger extends AbstractInternalLogger {
  private static final long serialVersionUID = 1;

  NettyLogger(String name) {
    super(name);
  }

  /** Makes one for each class of Netty's. */
  static InternalLoggerFactory factory() {
    return new InternalLoggerFactory() {
      @Override
      protected InternalLogger newInstance(String name) {
        return new NettyLogger(name);
      }
    };
  }

  private void write(Level level, Supplier<FormattingTuple> text) {
    FormattingTuple line;
    try {
      line = text.get();
    } catch (Throwable e) {
      return; // what is to be said can't be put into words
    }
    write(level, line.getMessage(), line.getThrowable());
  }

  /** Never throws: it is called where Netty has no boundary, and would end an event loop. */
  private void write(Level level, @Nullable String message, @Nullable Throwable thrown) {
    try {
      System.getLogger(name()).log(level, message, thrown);
    } catch (Throwable e) {
      // There is no memory or no descriptor for a line.
    }
  }

  /** Has loaded what a line needs; returns how long one is. */
  int warmUp() {
    FormattingTuple line = MessageFormatter.arrayFormat("{} {} {}", new Object[] {1, 2, 3});
    FormattingTuple two = MessageFormatter.format("{} {}", 1, 2);
    return line.getMessage().length()
        + two.getMessage().length()
        + (System.getLogger(name()).isLoggable(Level.DEBUG) ? 1 : 0);
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public void trace(String message) {}

  @Override
  public void trace(String format, @Nullable Object argument) {}

  @Override
  public void trace(String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void trace(String format, @Nullable Object... arguments) {}

  @Override
  public void trace(String message, @Nullable Throwable thrown) {}

  @Override
  public boolean isDebugEnabled() {
    return false;
  }

  @Override
  public void debug(String message) {}

  @Override
  public void debug(String format, @Nullable Object argument) {}

  @Override
  public void debug(String format, @Nullable Object first, @Nullable Object second) {}

  @Override
  public void debug(String format, @Nullable Object... arguments) {}

  @Override
  public void debug(String message, @Nullable Throwable thrown) {}

  @Override
  public boolean isInfoEnabled() {
    return true;
  }

  @Override
  public void info(String message) {
    write(Level.INFO, message, null);
  }

  @Override
  public void info(String format, @Nullable Object argument) {
    write(Level.INFO, () -> MessageFormatter.format(format, argument));
  }

  @Override
  public void info(String format, @Nullable Object first, @Nullable Object second) {
    write(Level.INFO, () -> MessageFormatter.format(format, first, second));
  }

  @Override
  public void info(String format, @Nullable Object... arguments) {
    write(Level.INFO, () -> MessageFormatter.arrayFormat(format, arguments));
  }

  @Override
  public void info(String message, @Nullable Throwable thrown) {
    write(Level.INFO, message, thrown);
  }

  @Override
  public boolean isWarnEnabled() {
    return true;
  }

  @Override
  public void warn(String message) {
    write(Level.WARNING, message, null);
  }

  @Override
  public void warn(String format, @Nullable Object argument) {
    write(Level.WARNING, () -> MessageFormatter.format(format, argument));
  }

  @Override
  public void warn(String format, @Nullable Object first, @Nullable Object second) {
    write(Level.WARNING, () -> MessageFormatter.format(format, first, second));
  }

  @Override
  public void warn(String format, @Nullable Object... arguments) {
    write(Level.WARNING, () -> MessageFormatter.arrayFormat(format, arguments));
  }

  @Override
  public void warn(String message, @Nullable Throwable thrown) {
    write(Level.WARNING, message, thrown);
  }

  @Override
  public boolean isErrorEnabled() {
    return true;
  }

  @Override
  public void error(String message) {
    write(Level.ERROR, message, null);
  }

  @Override
  public void error(String format, @Nullable Object argument) {
    write(Level.ERROR, () -> MessageFormatter.format(format, argument));
  }

  @Override
  public void error(String format, @Nullable Object first, @Nullable Object second) {
    write(Level.ERROR, () -> MessageFormatter.format(format, first, second));
  }

  @Override
  public void error(String format, @Nullable Object... arguments) {
    write(Level.ERROR, () -> MessageFormatter.arrayFormat(format, arguments));
  }

  @Override
  public void error(String message, @Nullable Throwable thrown) {
    write(Level.ERROR, message, thrown);
  }
}
