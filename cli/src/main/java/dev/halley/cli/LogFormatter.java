package dev.halley.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * Lines that say what they are whatever was logged: a line's end, an escape sequence or a sign that
 * turns text around in a message, a name or an exception's text is escaped. So who gets text into
 * the log can neither forge a line nor talk to the operator's terminal.
 */
public final class LogFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxx", Locale.ROOT);

  /** A stack that overflowed has a thousand. */
  private static final int MOST_FRAMES = 100;

  private static volatile LogFormat format = LogFormat.PLAIN;

  /** Called by the JDK. */
  public LogFormatter() {}

  /** Says how lines look from here on. */
  static void use(LogFormat wanted) {
    format = wanted;
  }

  @Override
  public String format(LogRecord record) {
    return format(record, format);
  }

  /** A line of a form. */
  static String format(LogRecord record, LogFormat format) {
    LogFormatter formatter = new LogFormatter();
    return switch (format) {
      case PLAIN -> formatter.plain(record);
      case JSON -> formatter.json(record);
    };
  }

  private String plain(LogRecord record) {
    StringBuilder line = new StringBuilder(160);
    line.append(time(record)).append(' ').append(record.getLevel().getName()).append(' ');
    LogText.appendEscaped(line, name(record));
    line.append(": ");
    LogText.appendEscaped(line, formatMessage(record));
    line.append('\n');
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      appendTrace(line, thrown);
    }
    return line.toString();
  }

  /** What goes on begins with a tab, and no other line does. */
  private static void appendTrace(StringBuilder lines, Throwable thrown) {
    lines.append('\t');
    LogText.appendEscaped(lines, thrown.toString());
    lines.append('\n');
    StackTraceElement[] trace = thrown.getStackTrace();
    for (int i = 0; i < Math.min(trace.length, MOST_FRAMES); i++) {
      lines.append("\t\tat ");
      LogText.appendEscaped(lines, trace[i].toString());
      lines.append('\n');
    }
    Throwable cause = thrown.getCause();
    for (int depth = 0; cause != null && depth < 8; depth++) {
      lines.append("\tcaused by ");
      LogText.appendEscaped(lines, cause.toString());
      StackTraceElement[] frames = cause.getStackTrace();
      lines.append(frames.length == 0 ? "" : " at " + LogText.escaped(frames[0].toString()));
      lines.append('\n');
      cause = cause.getCause();
    }
  }

  private String json(LogRecord record) {
    StringBuilder line = new StringBuilder(240);
    line.append("{\"time\":\"").append(time(record));
    line.append("\",\"level\":\"").append(record.getLevel().getName());
    line.append("\",\"logger\":");
    LogText.appendJson(line, name(record));
    line.append(",\"message\":");
    LogText.appendJson(line, formatMessage(record));
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      line.append(",\"error\":");
      LogText.appendJson(line, thrown.toString());
      line.append(",\"stack\":");
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      LogText.appendJson(line, trace.toString());
    }
    return line.append("}\n").toString();
  }

  private static String time(LogRecord record) {
    return TIME.format(record.getInstant().atZone(ZoneId.systemDefault()));
  }

  private static String name(LogRecord record) {
    String name = record.getLoggerName();
    return name == null ? "" : name;
  }
}
