package dev.halley.showcase.game;

/** Whatever moves, strikes and can be hurt. Belongs to the thread that ticks the world. */
abstract sealed class Creature permits Player, Monster {
  /** How long a stroke, and the flinch from one, are seen, in seconds: several ticks. */
  private static final double SEEN = 0.16;

  /** What is left, after a second, of the speed of somebody who was knocked back. */
  private static final double KNOCK_LEFT = 0.002;

  private final int id;
  private final double radius;
  private double x;
  private double y;
  private double facing;
  private double knockX;
  private double knockY;
  private double health;
  private double cooldown;
  private double striking;
  private double flinching;

  Creature(int id, double radius, double health, Point place) {
    this.id = id;
    this.radius = radius;
    this.health = health;
    this.x = place.x();
    this.y = place.y();
  }

  /** Names this creature among all that live at the time; 1 to 65535. */
  final int id() {
    return id;
  }

  final double radius() {
    return radius;
  }

  final double x() {
    return x;
  }

  final double y() {
    return y;
  }

  /** Where it looks, in radians; 0 is to the right, and it grows clockwise as seen. */
  final double facing() {
    return facing;
  }

  final double health() {
    return health;
  }

  /** What {@link #health} begins with. */
  abstract double fullHealth();

  final boolean alive() {
    return health > 0;
  }

  /** Whether it struck just now. */
  final boolean striking() {
    return striking > 0;
  }

  /** Whether it was hurt just now. */
  final boolean flinching() {
    return flinching > 0;
  }

  final boolean ready() {
    return cooldown <= 0;
  }

  final double distance(Creature other) {
    return Math.hypot(other.x - x, other.y - y);
  }

  /** The free space between this one's edge and another's. */
  final double gap(Creature other) {
    return distance(other) - radius - other.radius;
  }

  final double directionTo(double toX, double toY) {
    return Math.atan2(toY - y, toX - x);
  }

  final void face(double direction) {
    facing = direction;
  }

  final void place(Point place) {
    x = place.x();
    y = place.y();
  }

  /** Moves by a way, and by what is left of a knock; walls and the border stop it. */
  final void move(Arena arena, double wayX, double wayY, double seconds) {
    double left = Math.pow(KNOCK_LEFT, seconds);
    place(arena.free(x + wayX + knockX * seconds, y + wayY + knockY * seconds, radius));
    knockX *= left;
    knockY *= left;
  }

  final void knock(double direction, double speed) {
    knockX = Math.cos(direction) * speed;
    knockY = Math.sin(direction) * speed;
  }

  final void struck(double nextIn) {
    striking = SEEN;
    cooldown = nextIn;
  }

  /** Takes health away, or none where there is none left. */
  void hurt(double damage) {
    health = Math.max(0, health - damage);
    flinching = SEEN;
  }

  final void heal(double amount) {
    health = Math.min(fullHealth(), health + amount);
  }

  final void passTime(double seconds) {
    cooldown = Math.max(0, cooldown - seconds);
    striking = Math.max(0, striking - seconds);
    flinching = Math.max(0, flinching - seconds);
  }

  /** Begins anew in full health. */
  final void revive(Point at) {
    place(at);
    health = fullHealth();
    cooldown = 0;
    striking = 0;
    flinching = 0;
    knockX = 0;
    knockY = 0;
  }
}
