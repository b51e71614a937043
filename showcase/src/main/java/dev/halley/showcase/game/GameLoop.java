package dev.halley.showcase.game;

import java.util.concurrent.locks.LockSupport;

/**
 * The thread of the game: a step every {@value GameRoom#STEP_MILLIS} ms while anybody is there, and
 * none while nobody is. Steps keep their pace, not their distance: a late one is followed by the
 * next at its due time. After a long pause they go on from now.
 */
final class GameLoop implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(GameLoop.class.getName());
  private static final long STEP_NANOS = GameRoom.STEP_MILLIS * 1_000_000L;
  private static final int INTERNAL_ERROR = 1011;

  /** Steps that are later than this are left out. */
  private static final long MOST_BEHIND_NANOS = 4 * STEP_NANOS;

  private final GameRoom room;
  private final Thread thread;
  private volatile boolean closed;

  private GameLoop(GameRoom room) {
    this.room = room;
    this.thread = new Thread(this::run, "halley-game");
    thread.setDaemon(true);
  }

  static GameLoop start(GameRoom room) {
    GameLoop loop = new GameLoop(room);
    loop.thread.start();
    return loop;
  }

  /** Somebody has come. */
  void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      if (room.occupied()) {
        play();
        room.clear();
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void play() {
    long due = System.nanoTime();
    while (!closed && room.occupied()) {
      long early = due - System.nanoTime();
      if (early > 0) {
        LockSupport.parkNanos(this, early);
        continue;
      }
      due += -early > MOST_BEHIND_NANOS ? -early : 0;
      due += STEP_NANOS;
      step();
    }
  }

  private void step() {
    try {
      room.step();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "A step of the game failed; its players are sent away", e);
      room.close(INTERNAL_ERROR, "The game has failed.");
    }
  }

  /** Ends the thread. */
  @Override
  public void close() {
    closed = true;
    wake();
  }
}
