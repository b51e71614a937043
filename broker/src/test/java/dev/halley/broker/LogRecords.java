package dev.halley.broker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Takes what a class logs, instead of the console, until it is closed. */
final class LogRecords implements AutoCloseable {
  private final Logger logger;
  private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          thrown.add(record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  LogRecords(Class<?> type) {
    logger = Logger.getLogger(type.getName());
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  List<Throwable> thrown() {
    return thrown;
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }
}
