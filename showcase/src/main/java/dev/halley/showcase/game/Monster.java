package dev.halley.showcase.game;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One that hunts players: it walks to the nearest it notices, draws back, and strikes. With nobody
 * near it roams, more often than not to where some player is.
 */
final class Monster extends Creature {
  /** How far off a player is noticed. */
  static final double SIGHT = 520;

  /** How near, edge to edge, it begins a stroke. */
  static final double REACH = 12;

  /** How much further a stroke hits than it begins: stepping back in time avoids it. */
  static final double LUNGE = 14;

  private static final double ROAM_SPEED = 0.7;
  private static final double ARRIVED = 30;
  private static final double ROAM_SECONDS = 12;

  private final MonsterKind kind;
  private double windUp;
  private Point goal;
  private double roaming;

  Monster(int id, MonsterKind kind, Point place) {
    super(id, kind.radius(), kind.health(), place);
    this.kind = kind;
    this.goal = place;
  }

  MonsterKind kind() {
    return kind;
  }

  /** Whether a stroke is coming. */
  boolean windingUp() {
    return windUp > 0;
  }

  @Override
  double fullHealth() {
    return kind.health();
  }

  void act(World world, RandomGenerator random, double seconds) {
    passTime(seconds);
    Optional<Player> prey = world.nearestPlayer(this, SIGHT);
    if (windUp > 0) {
      windUp -= seconds;
      move(world.arena(), 0, 0, seconds);
      if (windUp <= 0) {
        lash(prey);
      }
    } else if (prey.isPresent()) {
      hunt(world, prey.get(), seconds);
    } else {
      roam(world, random, seconds);
    }
  }

  private void lash(Optional<Player> prey) {
    windUp = 0;
    struck(kind.cooldown());
    prey.filter(player -> gap(player) <= REACH + LUNGE)
        .ifPresent(player -> player.hurt(kind.damage()));
  }

  private void hunt(World world, Player prey, double seconds) {
    if (gap(prey) > REACH) {
      walk(world, prey.x(), prey.y(), kind.speed(), seconds);
      return;
    }
    face(directionTo(prey.x(), prey.y()));
    move(world.arena(), 0, 0, seconds);
    if (ready() && !prey.shielded()) {
      windUp = kind.windUp();
    }
  }

  private void roam(World world, RandomGenerator random, double seconds) {
    roaming -= seconds;
    if (roaming <= 0 || goal.distance(x(), y()) < ARRIVED) {
      goal = world.somewhereToGo(radius());
      roaming = ROAM_SECONDS * (0.5 + random.nextDouble());
    }
    walk(world, goal.x(), goal.y(), kind.speed() * ROAM_SPEED, seconds);
  }

  private void walk(World world, double toX, double toY, double speed, double seconds) {
    Point next = world.arena().waypoint(x(), y(), toX, toY, radius());
    double direction = directionTo(next.x(), next.y());
    double way = Math.min(speed * seconds, next.distance(x(), y()));
    face(direction);
    move(world.arena(), Math.cos(direction) * way, Math.sin(direction) * way, seconds);
  }
}
