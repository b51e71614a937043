package dev.halley.showcase.game;

/** What monsters there are; seconds, units, units per second. */
enum MonsterKind {
  /** Slow and common. */
  CRAWLER(15, 50, 95, 8, 0.35, 1.0),
  /** Fast and frail. */
  HUNTER(12, 30, 145, 6, 0.25, 0.8),
  /** Slow, large, and to be respected. */
  BRUTE(24, 140, 65, 20, 0.6, 1.6);

  private final double radius;
  private final double health;
  private final double speed;
  private final double damage;
  private final double windUp;
  private final double cooldown;

  MonsterKind(
      double radius,
      double health,
      double speed,
      double damage,
      double windUp,
      double cooldown) {
    this.radius = radius;
    this.health = health;
    this.speed = speed;
    this.damage = damage;
    this.windUp = windUp;
    this.cooldown = cooldown;
  }

  double radius() {
    return radius;
  }

  double health() {
    return health;
  }

  double speed() {
    return speed;
  }

  double damage() {
    return damage;
  }

  /** How long one sees a stroke coming. */
  double windUp() {
    return windUp;
  }

  /** How long after a stroke the next may begin. */
  double cooldown() {
    return cooldown;
  }
}
