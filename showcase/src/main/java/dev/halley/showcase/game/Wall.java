package dev.halley.showcase.game;

import java.util.List;

/**
 * A block of stone, its sides parallel to the arena's.
 *
 * @param left the smallest x
 * @param top the smallest y
 * @param right the largest x
 * @param bottom the largest y
 */
record Wall(int left, int top, int right, int bottom) {
  Wall {
    if (left >= right || top >= bottom) {
      throw new IllegalArgumentException("A wall has a width and a height.");
    }
  }

  /** Whether a circle overlaps this wall. */
  boolean touches(double x, double y, double radius) {
    double dx = x - Math.clamp(x, left, right);
    double dy = y - Math.clamp(y, top, bottom);
    return dx * dx + dy * dy < radius * radius;
  }

  /** The corners of this wall, grown by a margin on all sides. */
  List<Point> corners(double margin) {
    return List.of(
        new Point(left - margin, top - margin),
        new Point(right + margin, top - margin),
        new Point(right + margin, bottom + margin),
        new Point(left - margin, bottom + margin));
  }

  /**
   * Where a line meets this wall, grown by a margin on all sides.
   *
   * @return the part of the line before it, 0 to 1, or 2 where they don't meet
   */
  double meets(double fromX, double fromY, double toX, double toY, double margin) {
    double enter = 0;
    double leave = 1;
    double[] starts = {fromX, fromY};
    double[] ways = {toX - fromX, toY - fromY};
    double[] lows = {left - margin, top - margin};
    double[] highs = {right + margin, bottom + margin};
    for (int axis = 0; axis < 2; axis++) {
      if (ways[axis] == 0) {
        if (starts[axis] <= lows[axis] || starts[axis] >= highs[axis]) {
          return 2;
        }
        continue;
      }
      double one = (lows[axis] - starts[axis]) / ways[axis];
      double other = (highs[axis] - starts[axis]) / ways[axis];
      enter = Math.max(enter, Math.min(one, other));
      leave = Math.min(leave, Math.max(one, other));
    }
    return enter < leave ? enter : 2;
  }
}
