package dev.halley.benchmarks.servers;

import dev.halley.benchmarks.Numbers;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;

/**
 * Lines, as SVG that follows the light or dark look of the page it is on.
 *
 * @param title what it shows
 * @param across what the axis below is
 * @param ticks where it has labels, ascending; the first and the last are its ends; an axis that
 *     begins at zero is linear, any other one logarithmic
 * @param up what the axis at the left is, with its unit
 * @param isLogarithmic whether that one is logarithmic, too; if not, it begins at zero
 * @param lines at most four
 */
record Chart(
    String title,
    String across,
    List<Tick> ticks,
    String up,
    boolean isLogarithmic,
    List<Line> lines) {

  /** A place on the axis below. */
  record Tick(double value, String label) {}

  /** Points from left to right. */
  record Line(String name, List<Point> points) {}

  /** A value. */
  record Point(double x, double y) {}

  private static final int WIDTH = 760;
  private static final int HEIGHT = 400;
  private static final int LEFT = 76;
  private static final int RIGHT = 40;
  private static final int TOP = 74;
  private static final int BOTTOM = 62;
  private static final int MOST_STEPS = 7;
  private static final int MOST_DOTS = 50;

  /** The file's text. */
  String svg() {
    StringBuilder out = new StringBuilder(head());
    text(out, "title", LEFT, 26, "start", title);
    List<Double> steps = steps();
    for (double step : steps) {
      double y = y(step, steps);
      line(out, step == steps.getFirst() ? "axis" : "grid", LEFT, y, WIDTH - RIGHT, y);
      text(out, "", LEFT - 8, y + 4, "end", Numbers.text(step));
    }
    for (Tick tick : ticks) {
      double x = x(tick.value());
      line(out, "axis", x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 5);
      text(out, "", x, HEIGHT - BOTTOM + 20, "middle", tick.label());
    }
    text(out, "", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", across);
    double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
    append(
        out,
        "<text transform=\"rotate(-90 20 %.1f)\" x=\"20\" y=\"%.1f\" text-anchor=\"middle\">%s</text>",
        middle,
        middle,
        up);
    for (int i = 0; i < lines.size(); i++) {
      draw(out, i, steps);
    }
    return out.append("</svg>\n").toString();
  }

  private String head() {
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
        <title>%3$s</title>
        <style>
        text { font: 13px system-ui, sans-serif; fill: #1f2328 }
        .title { font-size: 16px; font-weight: 600 }
        .page { fill: #ffffff }
        .grid { stroke: #d8dee4 }
        .axis { stroke: #59636e }
        .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
        .c0 { --c: #0969da } .c1 { --c: #bc4c00 } .c2 { --c: #1a7f37 } .c3 { --c: #8250df }
        .line, .dot { stroke: var(--c) }
        .dot { fill: var(--c) }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 }
        .page { fill: #0d1117 }
        .grid { stroke: #30363d }
        .axis { stroke: #9198a1 }
        .c0 { --c: #58a6ff } .c1 { --c: #f0883e } .c2 { --c: #3fb950 } .c3 { --c: #bc8cff }
        }
        </style>
        <rect class="page" width="%1$d" height="%2$d" rx="6"/>
        """
        .formatted(WIDTH, HEIGHT, title);
  }

  private void draw(StringBuilder out, int index, List<Double> steps) {
    Line line = lines.get(index);
    List<String> path = new ArrayList<>();
    for (Point point : line.points()) {
      path.add(format("%.1f,%.1f", x(point.x()), y(point.y(), steps)));
    }
    append(out, "<g class=\"c%d\">", index);
    append(out, "<polyline class=\"line\" points=\"%s\"/>", String.join(" ", path));
    for (Point point : line.points().size() > MOST_DOTS ? List.<Point>of() : line.points()) {
      append(
          out,
          "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s: %s</title></circle>",
          x(point.x()),
          y(point.y(), steps),
          Numbers.text(point.x()),
          Numbers.text(point.y()));
    }
    double legend = LEFT + index * 220.0;
    append(
        out,
        "<line class=\"line\" x1=\"%.1f\" y1=\"48\" x2=\"%.1f\" y2=\"48\"/>",
        legend,
        legend + 24);
    text(out, "", legend + 32, 52, "start", line.name());
    out.append("</g>\n");
  }

  /** The labels at the left: a few round numbers from below the least value to above the most. */
  private List<Double> steps() {
    DoubleSummaryStatistics all =
        lines.stream()
            .flatMap(it -> it.points().stream())
            .mapToDouble(Point::y)
            .filter(Double::isFinite)
            .summaryStatistics();
    double most = all.getCount() == 0 ? 1 : all.getMax();
    double least = all.getCount() == 0 ? 1 : all.getMin();
    List<Double> steps = new ArrayList<>();
    if (isLogarithmic) {
      double step = Math.pow(10, Math.floor(Math.log10(least)));
      steps.add(step);
      while (step < most) {
        step *= 10;
        steps.add(step);
      }
      return steps;
    }
    int digits = (int) Math.floor(Math.log10(most)) - 1;
    for (long size : List.of(1L, 2L, 5L, 10L, 20L)) {
      // Decimal, for three times 0.2 is a little more than 0.6 otherwise.
      BigDecimal step = BigDecimal.valueOf(size, -digits);
      double count = Math.ceil(most / step.doubleValue());
      if (count <= MOST_STEPS) {
        for (int i = 0; i <= count; i++) {
          steps.add(step.multiply(BigDecimal.valueOf(i)).doubleValue());
        }
        break;
      }
    }
    return steps;
  }

  private double x(double value) {
    double first = ticks.getFirst().value();
    double last = ticks.getLast().value();
    double part = first == 0 ? value / last : Math.log(value / first) / Math.log(last / first);
    return LEFT + (WIDTH - LEFT - RIGHT) * part;
  }

  private double y(double value, List<Double> steps) {
    double from = scaled(steps.getFirst());
    double to = scaled(steps.getLast());
    double height = HEIGHT - BOTTOM - TOP;
    return HEIGHT - BOTTOM - height * (scaled(value) - from) / (to - from);
  }

  private double scaled(double value) {
    return isLogarithmic ? Math.log(value) : value;
  }

  private static void line(
      StringBuilder out, String style, double x, double y, double toX, double toY) {
    append(
        out,
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        style,
        x,
        y,
        toX,
        toY);
  }

  private static void text(
      StringBuilder out, String style, double x, double y, String anchor, String text) {
    append(
        out,
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        style,
        x,
        y,
        anchor,
        text);
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void append(StringBuilder out, String format, Object... arguments) {
    out.append(format(format, arguments)).append('\n');
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
