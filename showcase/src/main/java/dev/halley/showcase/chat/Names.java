package dev.halley.showcase.chat;

import java.text.Normalizer;
import java.util.Optional;
import java.util.regex.Pattern;

/** What people may be called, and rooms. */
final class Names {
  static final int MAX_CODE_POINTS = 24;

  private static final Pattern ROOM = Pattern.compile("[a-z0-9-]{1,24}");
  private static final Pattern TAB = Pattern.compile("[A-Za-z0-9-]{8,64}");
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private Names() {}

  /** Whether {@code text} names a room: a part of its channels' names. */
  static boolean isRoom(String text) {
    return ROOM.matcher(text).matches();
  }

  /** Whether {@code text} can stand for a tab: chosen at random by the page, and told nobody. */
  static boolean isTab(String text) {
    return TAB.matcher(text).matches();
  }

  /**
   * A name in the one form that it has for everybody: so that two that look the same are the same,
   * as far as Unicode's normal form does that, and none turns the direction of the text around it.
   *
   * @return empty if nobody may be called so
   */
  static Optional<String> person(String text) {
    if (text.length() > 4 * MAX_CODE_POINTS) {
      return Optional.empty();
    }
    String name =
        SPACES.matcher(Normalizer.normalize(text, Normalizer.Form.NFC)).replaceAll(" ").strip();
    boolean fits = !name.isEmpty() && name.codePointCount(0, name.length()) <= MAX_CODE_POINTS;
    return fits && name.codePoints().allMatch(Names::isVisible)
        ? Optional.of(name)
        : Optional.empty();
  }

  private static boolean isVisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      // A joiner makes one sign of several emoji, and is written in some scripts.
      case Character.FORMAT -> codePoint == ZERO_WIDTH_JOINER;
      case Character.CONTROL, Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE ->
          false;
      default -> true;
    };
  }
}
