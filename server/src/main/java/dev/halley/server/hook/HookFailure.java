package dev.halley.server.hook;

/** The application gave no answer, or none that can be used. */
final class HookFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean worthARetry;

  /**
   * Why.
   *
   * @param reason for the log, without anything that the application or a client said
   */
  HookFailure(String reason, boolean worthARetry) {
    super(reason, null, false, false);
    this.worthARetry = worthARetry;
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  /** Whether the application can't have answered, so that it may the next time. */
  boolean isWorthARetry() {
    return worthARetry;
  }
}
