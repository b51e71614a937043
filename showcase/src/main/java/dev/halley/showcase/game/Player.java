package dev.halley.showcase.game;

/** A person's, or a bot's, figure. */
final class Player extends Creature {
  static final double RADIUS = 16;
  static final double HEALTH = 100;

  /** Units per second. */
  static final double SPEED = 200;

  /** How far a stroke reaches from one's edge to the other's. */
  static final double REACH = 46;

  /** A stroke hits what is this far from where one looks, in radians, to either side. */
  static final double SWEEP = Math.toRadians(75);

  static final double DAMAGE = 20;
  static final double STRIKE_SECONDS = 0.35;
  static final double RESPAWN_SECONDS = 3;

  /** How long nobody can hurt who just came. */
  static final double SHIELD_SECONDS = 2;

  /** Health comes back when nobody has hurt one for this long … */
  private static final double REST_SECONDS = 4;

  /** … and by this much in a second. */
  private static final double HEALING = 5;

  private final String name;
  private final boolean bot;
  private double wishX;
  private double wishY;
  private boolean wantsToStrike;
  private double shield = SHIELD_SECONDS;
  private double unhurt;
  private double deadFor;
  private int kills;

  Player(int id, String name, boolean bot, Point place) {
    super(id, RADIUS, HEALTH, place);
    this.name = name;
    this.bot = bot;
  }

  String name() {
    return name;
  }

  boolean bot() {
    return bot;
  }

  int kills() {
    return kills;
  }

  boolean shielded() {
    return shield > 0;
  }

  /** Seconds until the player comes back, 0 while alive. */
  double respawnsIn() {
    return alive() ? 0 : Math.max(0, RESPAWN_SECONDS - deadFor);
  }

  /** Says what the player wants until the next call; a way longer than 1 counts as 1. */
  void steer(double x, double y, boolean strike) {
    double length = Math.max(1, Math.hypot(x, y));
    wishX = x / length;
    wishY = y / length;
    wantsToStrike = strike;
  }

  @Override
  double fullHealth() {
    return HEALTH;
  }

  @Override
  void hurt(double damage) {
    if (!shielded() && alive()) {
      super.hurt(damage);
      unhurt = 0;
    }
  }

  void killed() {
    kills++;
  }

  /**
   * Walks, heals, waits to come back. Who strikes while walking strikes forwards; who stands turns
   * to the nearest monster.
   */
  void act(World world, double seconds) {
    passTime(seconds);
    if (!alive()) {
      deadFor += seconds;
      if (deadFor >= RESPAWN_SECONDS) {
        deadFor = 0;
        shield = SHIELD_SECONDS;
        revive(world.beginning(bot));
      }
      return;
    }
    shield = Math.max(0, shield - seconds);
    unhurt += seconds;
    if (unhurt >= REST_SECONDS) {
      heal(HEALING * seconds);
    }
    if (wishX != 0 || wishY != 0) {
      face(Math.atan2(wishY, wishX));
    }
    double way = SPEED * seconds;
    move(world.arena(), wishX * way, wishY * way, seconds);
    if (wantsToStrike && ready()) {
      if (wishX == 0 && wishY == 0) {
        world
            .nearestMonster(this, REACH + 3 * RADIUS)
            .ifPresent(monster -> face(directionTo(monster.x(), monster.y())));
      }
      struck(STRIKE_SECONDS);
      world.strike(this);
    }
  }
}
