package dev.halley.server.http;

import java.util.concurrent.TimeUnit;

/** Holds an exchange while the broker is asked something. */
record PendingAnswer(Exchange exchange) implements Exchange.Holder {
  /** How long a broker may take to answer. */
  static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Keeps the exchange open; whoever got the broker's word answers it. */
  static void hold(Exchange exchange) {
    exchange.hold(new PendingAnswer(exchange), LONGEST_NANOS);
  }

  @Override
  public void onDeadline() {
    giveUp(exchange);
  }

  /** Answers that the broker doesn't. */
  static void giveUp(Exchange exchange) {
    exchange.fail(HttpError.unavailable("The broker doesn't answer"));
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
