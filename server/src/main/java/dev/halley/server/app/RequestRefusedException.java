package dev.halley.server.app;

/** What is wrong with a request: the client gets the status and, as JSON, the message. */
public final class RequestRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * A refusal.
   *
   * @param status 400 to 599
   * @param message the rule that was broken; goes to the client
   */
  public RequestRefusedException(int status, String message) {
    super(message, null, false, false);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("A refusal has a status of 400 to 599, not " + status);
    }
    this.status = status;
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }

  /** The rule that was broken. */
  public String rule() {
    return String.valueOf(getMessage());
  }
}
