package dev.halley.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** All that is logged from {@link #begin} until it is closed, at any level. */
public final class RecordedLog implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger root = Logger.getLogger("");
  private final Level before = root.getLevel();
  private final Handler recorder = new Recorder();

  private RecordedLog() {}

  /** Records from now on. */
  public static RecordedLog begin() {
    RecordedLog log = new RecordedLog();
    log.recorder.setLevel(Level.ALL);
    log.root.addHandler(log.recorder);
    log.root.setLevel(Level.ALL);
    return log;
  }

  /** What was logged so far, each with its stack trace. */
  public List<String> lines() {
    return lines;
  }

  /** The lines that have {@code part}. */
  public List<String> with(String part) {
    return lines.stream().filter(it -> it.contains(part)).toList();
  }

  @Override
  public void close() {
    root.setLevel(before);
    root.removeHandler(recorder);
  }

  private final class Recorder extends Handler {
    @Override
    public void publish(LogRecord record) {
      StringWriter text = new StringWriter();
      text.append(new SimpleFormatter().formatMessage(record));
      if (record.getThrown() != null) {
        record.getThrown().printStackTrace(new PrintWriter(text));
      }
      lines.add(text.toString());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
