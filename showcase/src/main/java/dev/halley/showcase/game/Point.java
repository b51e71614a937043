package dev.halley.showcase.game;

/** A place in the arena; x grows to the right, y grows downwards. */
record Point(double x, double y) {
  double distance(double toX, double toY) {
    return Math.hypot(toX - x, toY - y);
  }
}
