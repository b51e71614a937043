package dev.halley.showcase.game;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Where the game takes place: a rectangle with walls in it. Walls stand apart from each other and
 * from the border, so that everybody can walk around each.
 *
 * @param width in units; a player is 32 of them wide
 * @param height in units
 * @param walls what nobody walks through
 */
record Arena(int width, int height, List<Wall> walls) {
  /** How far from a wall's corner somebody turns around it, beyond their own radius. */
  private static final double CLEARANCE = 4;

  /** A line that only grazes a wall is free: who slides along a wall isn't blocked by it. */
  private static final double GRAZING = 0.9;

  Arena {
    walls = List.copyOf(walls);
  }

  /** The arena of the showcase. */
  static Arena standard() {
    return new Arena(
        3200,
        1920,
        List.of(
            new Wall(420, 360, 800, 430),
            new Wall(420, 1490, 800, 1560),
            new Wall(2400, 360, 2780, 430),
            new Wall(2400, 1490, 2780, 1560),
            new Wall(1200, 300, 1270, 640),
            new Wall(1930, 300, 2000, 640),
            new Wall(1200, 1280, 1270, 1620),
            new Wall(1930, 1280, 2000, 1620),
            new Wall(620, 780, 690, 1140),
            new Wall(2510, 780, 2580, 1140),
            new Wall(1500, 860, 1700, 1060),
            new Wall(940, 920, 1180, 1000),
            new Wall(2020, 920, 2260, 1000),
            new Wall(1480, 130, 1720, 200),
            new Wall(1480, 1720, 1720, 1790)));
  }

  /** The place nearest to the given one where a circle is inside and overlaps no wall. */
  Point free(double x, double y, double radius) {
    double freeX = Math.clamp(x, radius, width - radius);
    double freeY = Math.clamp(y, radius, height - radius);
    for (Wall wall : walls) {
      if (wall.touches(freeX, freeY, radius)) {
        Point out = pushed(wall, freeX, freeY, radius);
        freeX = out.x();
        freeY = out.y();
      }
    }
    return new Point(freeX, freeY);
  }

  private static Point pushed(Wall wall, double x, double y, double radius) {
    double nearX = Math.clamp(x, wall.left(), wall.right());
    double nearY = Math.clamp(y, wall.top(), wall.bottom());
    double distance = Math.hypot(x - nearX, y - nearY);
    if (distance > 0) {
      double scale = radius / distance;
      return new Point(nearX + (x - nearX) * scale, nearY + (y - nearY) * scale);
    }
    double leftwards = x - wall.left();
    double rightwards = wall.right() - x;
    double upwards = y - wall.top();
    double downwards = wall.bottom() - y;
    double least = Math.min(Math.min(leftwards, rightwards), Math.min(upwards, downwards));
    if (least == leftwards) {
      return new Point(wall.left() - radius, y);
    } else if (least == rightwards) {
      return new Point(wall.right() + radius, y);
    }
    return new Point(x, least == upwards ? wall.top() - radius : wall.bottom() + radius);
  }

  /** Where a circle goes next on its way to, or close to, a place: there, or to a corner before. */
  Point waypoint(double fromX, double fromY, double toX, double toY, double radius) {
    double margin = radius * GRAZING;
    double nearest = 2;
    Point goal = free(toX, toY, radius);
    Point next = goal;
    for (Wall wall : walls) {
      double met = wall.meets(fromX, fromY, goal.x(), goal.y(), margin);
      if (met < nearest) {
        nearest = met;
        next = around(wall, fromX, fromY, goal.x(), goal.y(), radius);
      }
    }
    return next;
  }

  /** The first corner of the shortest way around one wall: there are never more than two. */
  private static Point around(
      Wall wall, double fromX, double fromY, double toX, double toY, double radius) {
    double margin = radius * GRAZING;
    List<Point> corners = wall.corners(radius + CLEARANCE);
    Point best = new Point(toX, toY);
    double shortest = Double.POSITIVE_INFINITY;
    for (Point first : corners) {
      if (wall.meets(fromX, fromY, first.x(), first.y(), margin) <= 1) {
        continue;
      }
      for (Point last : corners) {
        boolean free =
            wall.meets(first.x(), first.y(), last.x(), last.y(), margin) > 1
                && wall.meets(last.x(), last.y(), toX, toY, margin) > 1;
        double way =
            first.distance(fromX, fromY)
                + first.distance(last.x(), last.y())
                + last.distance(toX, toY);
        if (free && way < shortest) {
          shortest = way;
          best = first.distance(fromX, fromY) < CLEARANCE ? last : first;
        }
      }
    }
    return best;
  }

  /** Whether nothing stands between two places. */
  boolean sees(double fromX, double fromY, double toX, double toY) {
    for (Wall wall : walls) {
      if (wall.meets(fromX, fromY, toX, toY, 0) <= 1) {
        return false;
      }
    }
    return true;
  }

  /** A random place where a circle is free. */
  Point anywhere(RandomGenerator random, double radius) {
    return free(random.nextDouble(width), random.nextDouble(height), radius);
  }
}
