package dev.halley.showcase.game;

import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Small worlds, and time that passes in them. */
final class Worlds {
  /** The game's own step. */
  static final long STEP = 50_000_000;

  static final Arena FIELD = new Arena(1000, 800, List.of());

  private Worlds() {}

  static World empty() {
    return in(FIELD);
  }

  static World in(Arena arena) {
    return new World(arena, new Random(7));
  }

  static Player player(World world, double x, double y) {
    Player player = world.join("Ada", false);
    player.place(new Point(x, y));
    return player;
  }

  /** A player whose shield is gone, in a world where nothing else has moved yet. */
  static Player exposed(World world, double x, double y) {
    Player player = player(world, x, y);
    pass(world, Player.SHIELD_SECONDS + 0.05);
    return player;
  }

  static void pass(World world, double seconds) {
    for (long left = Math.round(seconds * 1e9); left > 0; left -= STEP) {
      world.tick(STEP);
    }
  }

  /** Lets time pass until something holds, and says how many seconds that took. */
  static double passUntil(World world, double atMostSeconds, BooleanSupplier holds) {
    double passed = 0;
    while (!holds.getAsBoolean()) {
      if (passed > atMostSeconds) {
        throw new AssertionError("not within " + atMostSeconds + " seconds");
      }
      world.tick(STEP);
      passed += STEP / 1e9;
    }
    return passed;
  }
}
