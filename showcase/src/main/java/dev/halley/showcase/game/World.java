package dev.halley.showcase.game;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The world and its rules. It changes in {@link #tick} only, by nothing but what it was told before
 * and the random numbers it was given: the same seed and the same calls make the same world. It has
 * no clock and no thread, and belongs to whoever calls it.
 */
final class World {
  /** A longer step might carry somebody through a wall. */
  static final long LONGEST_STEP_NANOS = 100_000_000;

  private static final double NANOS = 1e9;
  private static final int LARGEST_ID = 0xffff;

  /** One monster arrives in this many seconds at most, while there are too few. */
  private static final double ARRIVAL_SECONDS = 0.025;

  /** Nobody begins nearer than this to an enemy, if a few tries find such a place. */
  private static final double QUIET = 380;

  private static final int TRIES = 8;

  /** How near to somebody else people begin, at least; at most twice that. */
  private static final double COMPANY = 120;

  private static final double KNOCK_BACK = 420;

  private final Arena arena;
  private final RandomGenerator random;
  private final List<Player> players = new ArrayList<>();
  private final List<Monster> monsters = new ArrayList<>();
  private int wantedMonsters;
  private double nextArrival;
  private int lastId;
  private long ticks;

  /**
   * An empty world.
   *
   * @param arena where it is
   * @param random what its chances come from
   */
  World(Arena arena, RandomGenerator random) {
    this.arena = arena;
    this.random = random;
  }

  Arena arena() {
    return arena;
  }

  /** All players, the dead among them too. */
  List<Player> players() {
    return Collections.unmodifiableList(players);
  }

  List<Monster> monsters() {
    return Collections.unmodifiableList(monsters);
  }

  /** How many steps there have been. */
  long ticks() {
    return ticks;
  }

  /** Lets a player in, at a quiet place; people begin near other people. */
  Player join(String name, boolean bot) {
    Player player = new Player(nextId(), name, bot, beginning(bot));
    players.add(player);
    return player;
  }

  /** Takes a player out. */
  void leave(Player player) {
    players.remove(player);
  }

  /** Says how many monsters there ought to be; more arrive one by one, none are taken away. */
  void wantMonsters(int count) {
    wantedMonsters = count;
  }

  /** Puts a monster somewhere at once. */
  Monster add(MonsterKind kind, Point place) {
    Monster monster = new Monster(nextId(), kind, arena.free(place.x(), place.y(), kind.radius()));
    monsters.add(monster);
    return monster;
  }

  /**
   * Lets time pass.
   *
   * @param nanos how much, more than 0, at most {@link #LONGEST_STEP_NANOS}
   */
  void tick(long nanos) {
    if (nanos <= 0 || nanos > LONGEST_STEP_NANOS) {
      throw new IllegalArgumentException("A step is longer than 0 and at most 100 ms.");
    }
    double seconds = nanos / NANOS;
    ticks++;
    for (Player player : players) {
      player.act(this, seconds);
    }
    monsters.removeIf(monster -> !monster.alive());
    for (Monster monster : monsters) {
      monster.act(this, random, seconds);
    }
    spread(players);
    spread(monsters);
    arrivals(seconds);
  }

  /** Hits all monsters before a player. */
  void strike(Player player) {
    for (Monster monster : monsters) {
      if (!monster.alive() || player.gap(monster) > Player.REACH) {
        continue;
      }
      double direction = player.directionTo(monster.x(), monster.y());
      double aside = Math.IEEEremainder(direction - player.facing(), 2 * Math.PI);
      if (Math.abs(aside) <= Player.SWEEP
          && arena.sees(player.x(), player.y(), monster.x(), monster.y())) {
        monster.hurt(Player.DAMAGE);
        monster.knock(direction, KNOCK_BACK * Player.RADIUS / monster.radius());
        if (!monster.alive()) {
          player.killed();
        }
      }
    }
  }

  /** The living player nearest to a creature, if one is within a distance. */
  Optional<Player> nearestPlayer(Creature to, double within) {
    Optional<Player> nearest = Optional.empty();
    double least = within;
    for (Player player : players) {
      double distance = to.distance(player);
      if (player.alive() && distance <= least) {
        least = distance;
        nearest = Optional.of(player);
      }
    }
    return nearest;
  }

  /** The monster nearest to a creature, if one is within a distance. */
  Optional<Monster> nearestMonster(Creature to, double within) {
    Optional<Monster> nearest = Optional.empty();
    double least = within;
    for (Monster monster : monsters) {
      double distance = to.distance(monster);
      if (monster.alive() && distance <= least) {
        least = distance;
        nearest = Optional.of(monster);
      }
    }
    return nearest;
  }

  /** Somewhere to roam to; every other time where a player is. */
  Point somewhereToGo(double radius) {
    if (!players.isEmpty() && random.nextBoolean()) {
      Player player = players.get(random.nextInt(players.size()));
      return arena.free(player.x(), player.y(), radius);
    }
    return arena.anywhere(random, radius);
  }

  /** A place for a player to begin at, or to come back to. */
  Point beginning(boolean bot) {
    Optional<Player> company =
        players.stream().filter(player -> !bot && !player.bot() && player.alive()).findFirst();
    Point place = beginningNear(company);
    for (int tries = 1; tries < TRIES && !quiet(place, monsters); tries++) {
      place = beginningNear(company);
    }
    return place;
  }

  private Point beginningNear(Optional<Player> company) {
    if (company.isEmpty()) {
      return arena.anywhere(random, Player.RADIUS);
    }
    double direction = random.nextDouble(2 * Math.PI);
    double distance = COMPANY * (1 + random.nextDouble());
    return arena.free(
        company.get().x() + Math.cos(direction) * distance,
        company.get().y() + Math.sin(direction) * distance,
        Player.RADIUS);
  }

  private static boolean quiet(Point place, List<? extends Creature> others) {
    for (Creature other : others) {
      if (place.distance(other.x(), other.y()) < QUIET) {
        return false;
      }
    }
    return true;
  }

  /** Neither monsters nor players stand in each other. */
  private void spread(List<? extends Creature> creatures) {
    for (int i = 0; i < creatures.size(); i++) {
      for (int j = i + 1; j < creatures.size(); j++) {
        Creature one = creatures.get(i);
        Creature other = creatures.get(j);
        double room = one.radius() + other.radius();
        double dx = other.x() - one.x();
        double dy = other.y() - one.y();
        double square = dx * dx + dy * dy;
        if (square < room * room && one.alive() && other.alive()) {
          part(one, other, dx, dy, Math.sqrt(square), room);
        }
      }
    }
  }

  private void part(
      Creature one, Creature other, double dx, double dy, double distance, double room) {
    double towardsX = distance == 0 ? 1 : dx / distance;
    double towardsY = distance == 0 ? 0 : dy / distance;
    double half = (room - distance) / 4;
    one.place(arena.free(one.x() - towardsX * half, one.y() - towardsY * half, one.radius()));
    other.place(
        arena.free(other.x() + towardsX * half, other.y() + towardsY * half, other.radius()));
  }

  private void arrivals(double seconds) {
    nextArrival -= seconds;
    while (nextArrival <= 0) {
      nextArrival += ARRIVAL_SECONDS;
      if (monsters.size() < wantedMonsters) {
        arrive();
      }
    }
  }

  private void arrive() {
    MonsterKind kind = someKind();
    Point place = arena.anywhere(random, kind.radius());
    for (int tries = 1; tries < TRIES && !quiet(place, players); tries++) {
      place = arena.anywhere(random, kind.radius());
    }
    add(kind, place);
  }

  private MonsterKind someKind() {
    int of10 = random.nextInt(10);
    if (of10 < 5) {
      return MonsterKind.CRAWLER;
    }
    return of10 < 9 ? MonsterKind.HUNTER : MonsterKind.BRUTE;
  }

  private int nextId() {
    do {
      lastId = lastId % LARGEST_ID + 1;
    } while (taken(lastId));
    return lastId;
  }

  private boolean taken(int id) {
    return players.stream().anyMatch(player -> player.id() == id)
        || monsters.stream().anyMatch(monster -> monster.id() == id);
  }
}
