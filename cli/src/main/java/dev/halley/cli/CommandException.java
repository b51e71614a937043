package dev.halley.cli;

/** Ends a command with one line on standard error and an exit code. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** It was asked for rightly and couldn't be done. */
  static final int FAILURE = 1;

  /** It was asked for wrongly: a flag, a setting, a file. */
  static final int USAGE = 2;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse(""));
    this.exitCode = exitCode;
  }

  /** What the operator asked for wrongly; {@code message} says what to change. */
  static CommandException usage(String message) {
    return new CommandException(USAGE, message);
  }

  /** What failed at run time; {@code message} says what stands in the way. */
  static CommandException failure(String message) {
    return new CommandException(FAILURE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
