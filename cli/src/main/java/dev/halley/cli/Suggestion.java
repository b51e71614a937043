package dev.halley.cli;

import java.util.Comparator;
import java.util.stream.Stream;

/** Guesses what somebody meant who wrote a name that there isn't. */
final class Suggestion {
  private Suggestion() {}

  /** The end of an error line: {@code ; did you mean --port?}, or nothing if none is near. */
  static String of(String written, Stream<String> names) {
    return names
        .min(Comparator.comparingInt(name -> distance(written, name)))
        .filter(name -> isNear(written, name))
        .map(name -> "; did you mean " + name + "?")
        .orElse("");
  }

  private static boolean isNear(String written, String name) {
    int letters = Math.max(written.length(), name.length());
    return name.endsWith("." + written) || distance(written, name) <= Math.max(2, letters / 3);
  }

  /** Levenshtein's distance; a name that ends with what was written, after a dot, is near. */
  private static int distance(String written, String name) {
    if (name.endsWith("." + written)) {
      return 1;
    }
    int[] row = new int[name.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= written.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (written.charAt(i - 1) == name.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[name.length()];
  }
}
