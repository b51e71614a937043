package dev.halley.showcase.game;

/** What monsters there are; seconds, units, units per second. */
enum MonsterKind {
  /** Slow and common. */
  CRAWLER(1, 15, 50, 95, 8, 0.35, 1.0),
  /** Fast and frail. */
  HUNTER(2, 12, 30, 145, 6, 0.25, 0.8),
  /** Slow, large, and to be respected. */
  BRUTE(3, 24, 140, 65, 20, 0.6, 1.6);

  private final int code;
  private final double radius;
  private final double health;
  private final double speed;
  private final double damage;
  private final double windUp;
  private final double cooldown;

  MonsterKind(
      int code,
      double radius,
      double health,
      double speed,
      double damage,
      double windUp,
      double cooldown) {
    this.code = code;
    this.radius = radius;
    this.health = health;
    this.speed = speed;
    this.damage = damage;
    this.windUp = windUp;
    this.cooldown = cooldown;
  }

  /** What stands for this kind in a state. */
  int code() {
    return code;
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
