package dev.halley.server.access;

/** Somebody's credentials don't count. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** With what to answer. */
  public RefusedException(Refusal refusal) {
    super(refusal.rule(), null, false, false);
    this.refusal = refusal;
  }

  /** What to answer. */
  public Refusal refusal() {
    return refusal;
  }
}
