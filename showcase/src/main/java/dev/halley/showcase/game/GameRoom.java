package dev.halley.showcase.game;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The world and all who are connected to it. {@link #step} is one thread's; whoever comes and goes
 * on other threads only adds a socket to a list, or takes it out.
 */
final class GameRoom {
  static final int MOST_PLAYERS = 200;
  static final int MOST_BOTS = 100;
  static final int MOST_MONSTERS = 200;

  static final int STEP_MILLIS = 50;
  private static final long STEP_NANOS = STEP_MILLIS * 1_000_000L;

  private static final int LEAST_MONSTERS = 24;
  private static final int MONSTERS_PER_PLAYER = 2;

  /** How often the numbers in the roster are brought up to date, in steps. */
  private static final int ROSTER_STEPS = 20;

  private final World world;
  private final RandomGenerator random;
  private final StateEncoder states;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final CopyOnWriteArrayList<GameSocket> sockets = new CopyOnWriteArrayList<>();
  private final List<GameSocket> seated = new ArrayList<>();
  private final List<Bot> bots = new ArrayList<>();
  private volatile int wantedBots;
  private long roster;
  private int killsInRoster;
  private long stepMicros;

  GameRoom(Arena arena, RandomGenerator random, InstantSource clock, LongSupplier nanoTime) {
    this.world = new World(arena, random);
    this.random = random;
    this.states = new StateEncoder(arena);
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  World world() {
    return world;
  }

  /** Lets a person in, from the next step on; false if the world is full. Any thread. */
  boolean enter(GameSocket socket) {
    synchronized (sockets) {
      return sockets.size() < MOST_PLAYERS && sockets.add(socket);
    }
  }

  /** Takes a person out, from the next step on. Any thread. */
  void leave(GameSocket socket) {
    synchronized (sockets) {
      sockets.remove(socket);
    }
  }

  /** Says how many bots there ought to be, while any person is there. Any thread. */
  void wantBots(int count) {
    wantedBots = count;
  }

  /** Whether anybody is there. Any thread. */
  boolean occupied() {
    return !sockets.isEmpty();
  }

  /** One step: who came and went, what they want, what happens, and everybody is told. */
  void step() {
    long began = nanoTime.getAsLong();
    seat();
    keepBots();
    world.wantMonsters(
        Math.min(MOST_MONSTERS, LEAST_MONSTERS + MONSTERS_PER_PLAYER * world.players().size()));
    steer();
    world.tick(STEP_NANOS);
    states.encode(world);
    tell();
    stepMicros = (nanoTime.getAsLong() - began) / 1000;
  }

  /** Empties the world of players and bots. */
  void clear() {
    wantedBots = 0;
    seat();
    keepBots();
  }

  /** Ends all connections. */
  void close(int code, String reason) {
    for (GameSocket socket : sockets) {
      leave(socket);
      socket.session().close(code, reason);
    }
  }

  private void seat() {
    for (GameSocket socket : List.copyOf(seated)) {
      if (!sockets.contains(socket)) {
        seated.remove(socket);
        if (socket.player != null) {
          world.leave(socket.player);
        }
        roster++;
      }
    }
    for (GameSocket socket : sockets) {
      if (socket.player == null) {
        socket.player = world.join(socket.name(), false);
        seated.add(socket);
        roster++;
      }
    }
  }

  private void keepBots() {
    int wanted = wantedBots;
    while (bots.size() < wanted) {
      bots.add(new Bot(world.join(Bot.name(bots.size()), true)));
      roster++;
    }
    while (bots.size() > wanted) {
      world.leave(bots.removeLast().player());
      roster++;
    }
  }

  private void steer() {
    for (GameSocket socket : seated) {
      GameSocket.Wish wish = socket.takeWish();
      if (socket.player != null) {
        socket.player.steer(wish.x(), wish.y(), wish.strike());
      }
    }
    for (Bot bot : bots) {
      bot.think(world, random);
    }
  }

  private void tell() {
    if (world.ticks() % ROSTER_STEPS == 0) {
      int kills = world.players().stream().mapToInt(Player::kills).sum();
      roster += kills == killsInRoster ? 0 : 1;
      killsInRoster = kills;
    }
    ByteBuffer everybody = RosterEncoder.roster(world.players());
    long millis = clock.millis();
    for (GameSocket socket : seated) {
      if (socket.player != null) {
        tell(socket, socket.player, everybody, millis);
      }
    }
  }

  /**
   * What a connection doesn't take now isn't kept for it: a state is made good by the next, and
   * welcome and roster are offered again.
   */
  private void tell(GameSocket socket, Player player, ByteBuffer everybody, long millis) {
    if (!socket.welcomed) {
      ByteBuffer welcome = RosterEncoder.welcome(player, world.arena(), STEP_MILLIS);
      socket.welcomed = socket.session().sendBinary(welcome);
    }
    if (socket.welcomed
        && socket.roster != roster
        && socket.session().sendBinary(everybody.duplicate())) {
      socket.roster = roster;
    }
    if (socket.roster == roster && socket.session().isWritable()) {
      socket.session().sendBinary(states.frame(player, millis, stepMicros));
    }
  }
}
