package dev.halley.inspector;

import dev.halley.inspector.terminal.EventLines;
import java.io.PrintStream;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Prints what a {@link TapLog} gets, and on a terminal a line below it that sums up. */
public final class TerminalView {
  private static final int BATCH = 256;
  private static final long SUMMARY_MILLIS = 250;
  private static final String CLEAR_LINE = "\r\u001b[2K";

  private final TapLog log;
  private final TapFilter filter;
  private final EventLines lines;
  private final PrintStream out;
  private final boolean summary;
  private final LongSupplier bytes;

  /**
   * How it is shown.
   *
   * @param colours whether with colours
   * @param verbose whether with bit diagrams, header fields and more of the content
   * @param summary whether with the line that sums up, which needs a terminal
   */
  public record Style(boolean colours, boolean verbose, boolean summary, ZoneId zone) {}

  /**
   * A view that has not begun.
   *
   * @param out who writes flushes
   * @param bytes how many have passed
   */
  public TerminalView(
      TapLog log, TapFilter filter, Style style, PrintStream out, LongSupplier bytes) {
    this.log = log;
    this.filter = filter;
    this.out = out;
    this.bytes = bytes;
    lines = new EventLines(style.colours(), style.verbose(), style.zone());
    summary = style.summary();
  }

  /**
   * Prints until the log ends or nobody reads any more.
   *
   * @param from the number of the first event
   */
  public void run(long from) throws InterruptedException {
    long cursor = from;
    boolean ended = false;
    while (!ended && !out.checkError()) {
      TapLog.Batch batch =
          log.read(cursor, BATCH, summary ? SUMMARY_MILLIS : Duration.ofHours(1).toMillis());
      if (summary) {
        out.print(CLEAR_LINE);
      }
      if (batch.missed() > 0) {
        out.println(
            "… " + batch.missed() + " events passed unseen: they came faster than they were read");
      }
      for (TapEvent event : batch.events()) {
        if (filter.accepts(event)) {
          lines.of(event).forEach(out::println);
        }
      }
      cursor = batch.next();
      ended = batch.ended();
      log.hasRead(cursor);
      if (summary && !ended) {
        out.print(summary());
      }
      out.flush();
    }
  }

  /** What has passed, in one line. */
  public String summary() {
    TapLog.Totals totals = log.totals();
    return String.format(
        Locale.ROOT,
        "%d connections, %d open · %,d frames · %,d bytes · %d rules broken",
        totals.connections(),
        totals.open(),
        totals.frames(),
        bytes.getAsLong(),
        totals.breaches());
  }
}
