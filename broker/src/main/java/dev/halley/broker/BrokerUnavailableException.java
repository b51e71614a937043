package dev.halley.broker;

/** The broker can't do this now; the same may work later. */
public final class BrokerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With one line that says what stands in the way. */
  public BrokerUnavailableException(String message) {
    super(message);
  }
}
