package dev.halley.showcase.game;

import java.util.Optional;
import java.util.random.RandomGenerator;

/** Plays one player without a person: hunts the nearest monster, and backs off when hurt. */
final class Bot {
  private static final double SIGHT = 700;
  private static final double AFRAID_BELOW = 35;
  private static final double TOO_NEAR = 220;
  private static final double CLOSE_ENOUGH = Player.REACH * 0.6;
  private static final double ARRIVED = 60;

  /** It strikes in one of so many steps: a hundred bots leave monsters for people. */
  private static final int HESITATION = 16;

  /** The comets and their discoverers lend their names. */
  private static final String[] NAMES = {
    "Halley", "Encke", "Biela", "Faye", "Tuttle",
    "Borrelly", "Wild", "Kohoutek", "Hale", "Bopp",
    "Lexell", "Donati", "Swift", "Wolf", "Finlay",
    "Brooks", "Holmes", "Kopff", "Tempel", "Crommelin"
  };

  private final Player player;
  private Point goal;

  Bot(Player player) {
    this.player = player;
    this.goal = new Point(player.x(), player.y());
  }

  /** What the bot with a number is called. */
  static String name(int number) {
    int round = number / NAMES.length;
    String name = NAMES[number % NAMES.length];
    return round == 0 ? name : name + " " + (round + 1);
  }

  Player player() {
    return player;
  }

  /** Decides what its player does next. */
  void think(World world, RandomGenerator random) {
    if (!player.alive()) {
      return;
    }
    Optional<Monster> enemy = world.nearestMonster(player, SIGHT);
    if (enemy.isEmpty()) {
      wander(world, random);
    } else if (player.health() < AFRAID_BELOW && player.gap(enemy.get()) < TOO_NEAR) {
      flee(world, enemy.get());
    } else {
      fight(world, enemy.get(), random.nextInt(HESITATION) == 0);
    }
  }

  private void fight(World world, Monster enemy, boolean dares) {
    if (player.gap(enemy) > CLOSE_ENOUGH) {
      walk(world, enemy.x(), enemy.y());
    } else {
      player.face(player.directionTo(enemy.x(), enemy.y()));
      player.steer(0, 0, dares);
    }
  }

  private void flee(World world, Monster enemy) {
    double direction = enemy.directionTo(player.x(), player.y());
    double toX = player.x() + Math.cos(direction) * TOO_NEAR;
    double toY = player.y() + Math.sin(direction) * TOO_NEAR;
    Point refuge = world.arena().free(toX, toY, player.radius());
    walk(world, refuge.x(), refuge.y());
  }

  private void wander(World world, RandomGenerator random) {
    if (goal.distance(player.x(), player.y()) < ARRIVED) {
      goal = world.arena().anywhere(random, player.radius());
    }
    walk(world, goal.x(), goal.y());
  }

  private void walk(World world, double toX, double toY) {
    Point next = world.arena().waypoint(player.x(), player.y(), toX, toY, player.radius());
    double direction = player.directionTo(next.x(), next.y());
    player.steer(Math.cos(direction), Math.sin(direction), false);
  }
}
