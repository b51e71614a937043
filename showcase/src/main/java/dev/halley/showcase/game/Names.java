package dev.halley.showcase.game;

import java.text.Normalizer;
import java.util.Optional;

/** What players may be called. */
final class Names {
  /** In code points. */
  static final int LONGEST = 16;

  /** More marks than this on one letter only serve to scribble over other names. */
  private static final int MOST_MARKS = 3;

  private Names() {}

  /**
   * Cleans a name: what can't be seen or reverses the text is left out, space is one space, and all
   * after the sixteenth code point is cut off.
   *
   * @return the name, or nothing if nothing of it is left
   */
  static Optional<String> clean(String name) {
    StringBuilder clean = new StringBuilder();
    int length = 0;
    int marks = 0;
    boolean space = false;
    for (int codePoint :
        Normalizer.normalize(name, Normalizer.Form.NFC).codePoints().limit(256).toArray()) {
      if (Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint)) {
        space = length > 0;
        continue;
      }
      marks = isMark(codePoint) ? marks + 1 : 0;
      if (!isSeen(codePoint) || marks > MOST_MARKS || (length == 0 && marks > 0)) {
        continue;
      }
      if (length + (space ? 1 : 0) >= LONGEST) {
        break;
      }
      if (space) {
        clean.append(' ');
        length++;
        space = false;
      }
      clean.appendCodePoint(codePoint);
      length++;
    }
    return Optional.of(clean.toString()).filter(text -> !text.isEmpty());
  }

  private static boolean isMark(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }

  private static boolean isSeen(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
