package dev.halley.broker;

/** Where a reader wants to begin. */
public sealed interface Cursor {
  /** After a position that was reached before. */
  record After(StreamPosition position) implements Cursor {}

  /** With the oldest publication that is kept. */
  record Earliest() implements Cursor {}

  /** With the next publication. */
  record Latest() implements Cursor {}

  /**
   * Reads {@code earliest}, {@code latest} or {@code epoch:offset}.
   *
   * @throws IllegalArgumentException if {@code text} is none of them
   */
  static Cursor parse(String text) {
    return switch (text) {
      case "earliest" -> new Earliest();
      case "latest" -> new Latest();
      default -> new After(StreamPosition.parse(text));
    };
  }
}
