package dev.halley.server.http;

import java.util.concurrent.TimeUnit;

/** Holds an exchange while the broker or the application is asked something. */
record PendingAnswer(Exchange exchange, String tooLate) implements Exchange.Holder {
  /** How long the answer may take. */
  static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final String BROKER_IS_LATE = "The broker doesn't answer";

  /** Keeps the exchange open; whoever got the broker's word answers it. */
  static void hold(Exchange exchange) {
    hold(exchange, BROKER_IS_LATE);
  }

  /**
   * As {@link #hold(Exchange)}.
   *
   * @param tooLate what to say if nobody does
   */
  static void hold(Exchange exchange, String tooLate) {
    exchange.hold(new PendingAnswer(exchange, tooLate), LONGEST_NANOS);
  }

  @Override
  public void onDeadline() {
    exchange.fail(HttpError.unavailable(tooLate));
  }

  /** Answers that the broker doesn't. */
  static void giveUp(Exchange exchange) {
    exchange.fail(HttpError.unavailable(BROKER_IS_LATE));
  }

  @Override
  public void onDrain() {
    // The answer will come, or the drain time will be over.
  }

  @Override
  public void onAbort() {
    // Nobody waits any more; what was published stays published.
  }
}
