package dev.halley.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;

/**
 * Prints what a feed brings, a message a line, and takes up a broken feed again where it broke.
 * Ends when enough was printed or nobody reads it any more.
 */
final class Subscription implements EventSink {
  /** How a message is printed. */
  enum Form {
    /** On one line, a backslash before what isn't plain: nothing steers a terminal. */
    ESCAPED,
    /** An object a line. */
    JSON,
    /** As it is. */
    RAW
  }

  private final Terminal terminal;
  private final Cursors cursors;
  private final long limit;
  private final boolean verbose;
  private final Form form;
  private long printed;
  private boolean broken;
  private final Backoff backoff;

  /**
   * A subscription that has not begun.
   *
   * @param limit ends after so many messages
   * @param verbose whether each line begins with channel, position and a tabulator
   * @param form how a message is printed
   */
  Subscription(
      Terminal terminal, Cursors cursors, long limit, boolean verbose, Form form, Backoff backoff) {
    this.terminal = terminal;
    this.cursors = cursors;
    this.limit = limit;
    this.verbose = verbose;
    this.form = form;
    this.backoff = backoff;
  }

  /** Reads until it ends. */
  void run(Feed feed, Pause pause) throws InterruptedException {
    while (true) {
      try {
        feed.read(cursors, this);
        terminal.out().flush();
        return;
      } catch (IOException e) {
        terminal.out().flush();
        broken = true;
        Duration wait = backoff.next();
        say("no connection: " + Refusal.reason(e) + "; next try in " + wait.toMillis() + " ms");
        pause.sleep(wait);
      }
    }
  }

  @Override
  public boolean accept(Event event) {
    if (broken) {
      broken = false;
      say("connected again");
    }
    backoff.reset();
    cursors.move(event);
    switch (event) {
      case Event.Message message -> print(message);
      case Event.Gap gap ->
          say("gap in " + gap.channel() + ": lost from " + gap.from() + " to " + gap.position());
      case Event.Reached reached -> {}
    }
    return printed < limit;
  }

  @Override
  public boolean idle() {
    return !terminal.out().checkError(); // flushes
  }

  private void print(Event.Message message) {
    PrintStream out = terminal.out();
    if (verbose) {
      out.print(message.channel() + " " + message.position() + "\t");
    }
    switch (form) {
      case ESCAPED -> out.print(oneLine(message.text()));
      case JSON -> out.print(json(message));
      case RAW -> out.print(message.text());
    }
    out.print('\n');
    printed++;
  }

  private void say(String line) {
    terminal.err().println("halley: " + LogText.printable(line));
  }

  /** JSON stays JSON; in any other text a line's end can't be told from a backslash otherwise. */
  static String oneLine(String text) {
    return WireJson.isStructure(text) ? LogText.printableJson(text) : LogText.escaped(text);
  }

  private static String json(Event.Message message) {
    StringBuilder line = new StringBuilder("{\"channel\":");
    LogText.appendJson(line, message.channel());
    line.append(",\"position\":");
    LogText.appendJson(line, message.position());
    line.append(",\"text\":");
    LogText.appendJson(line, message.text());
    return line.append('}').toString();
  }
}
