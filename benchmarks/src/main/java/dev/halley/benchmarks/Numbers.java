package dev.halley.benchmarks;

import java.util.List;
import java.util.Locale;

/** Figures for people. */
public final class Numbers {
  private Numbers() {}

  /** Three digits that mean something. */
  public static String text(double value) {
    if (value == Math.rint(value) || value >= 100) {
      return String.format(Locale.ROOT, "%,d", Math.round(value));
    }
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  /**
   * The one in the middle, or the mean of the two.
   *
   * @param values at least one
   */
  public static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int size = sorted.size();
    return (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
  }
}
