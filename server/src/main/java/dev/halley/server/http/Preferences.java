package dev.halley.server.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code Prefer} says (RFC 7240). It is a hint: what isn't understood, or can't be done, is as
 * good as not said.
 */
final class Preferences {
  private static final int MOST_DIGITS = 9;

  private Preferences() {}

  /**
   * For how many seconds an answer may be waited for (section 4.3). Only the first of several
   * counts (section 2).
   *
   * @param lines of the field
   */
  static Optional<Long> waitSeconds(List<String> lines) {
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    String list = String.join(",", lines);
    for (int from = 0; from < list.length(); ) {
      int end = end(list, from, ',');
      String preference = list.substring(from, end(list, from, ';'));
      String[] nameAndValue = preference.split("=", 2);
      if (nameAndValue[0].strip().toLowerCase(Locale.ROOT).equals("wait")) {
        return nameAndValue.length == 2 ? seconds(nameAndValue[1].strip()) : Optional.empty();
      }
      from = end + 1;
    }
    return Optional.empty();
  }

  /** The next such character that isn't quoted, or the next comma, or the end. */
  private static int end(String list, int from, char wanted) {
    boolean quoted = false;
    for (int i = from; i < list.length(); i++) {
      char c = list.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == wanted || c == ',')) {
        return i;
      }
    }
    return list.length();
  }

  private static Optional<Long> seconds(String word) {
    boolean quoted = word.length() >= 2 && word.startsWith("\"") && word.endsWith("\"");
    String text = quoted ? word.substring(1, word.length() - 1) : word;
    boolean isNumber = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber) {
      return Optional.empty();
    }
    // Whoever waits for longer than that waits for as long as the server lets it.
    return Optional.of(text.length() > MOST_DIGITS ? Long.MAX_VALUE : Long.parseLong(text));
  }
}
