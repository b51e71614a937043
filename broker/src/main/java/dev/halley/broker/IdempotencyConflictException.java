package dev.halley.broker;

/** A key was used again with something else to publish. Nothing was published. */
public final class IdempotencyConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The message is the rule. */
  public IdempotencyConflictException() {
    super("An idempotency key is for one publication: it was used with another payload");
  }
}
