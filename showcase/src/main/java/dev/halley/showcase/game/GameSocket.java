package dev.halley.showcase.game;

import dev.halley.server.app.WebSocketListener;
import dev.halley.server.app.WebSocketSession;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One person's connection. What the person wants is one value that the newest frame overwrites, so
 * however much somebody sends, nothing grows. A client sends two kinds of frames:
 *
 * <pre>
 * steer   1 byte   1
 *         1 byte   bit 0: strike; the others are 0
 *         2 bytes  the way: x and y, signed, in 127ths of full speed
 * bots    1 byte   2
 *         1 byte   how many bots there are to be, 0 to 100
 * </pre>
 *
 * Anything else, and more than {@value #FRAMES_PER_SECOND} frames a second for long, closes the
 * connection with 1003 or 1008. Called on the connection's event loop; the getters by the game's.
 */
final class GameSocket implements WebSocketListener {
  static final int UNACCEPTABLE = 1003;
  static final int VIOLATION = 1008;
  static final int FRAMES_PER_SECOND = 60;

  /** What a connection that stalled for some seconds may bring at once. */
  static final int BURST = 240;

  private static final byte STEER = 1;
  private static final byte BOTS = 2;
  private static final int STEER_BYTES = 4;
  private static final int BOTS_BYTES = 2;
  private static final float FULL = 127;

  /** What a person wants to do. */
  record Wish(float x, float y, boolean strike) {
    static final Wish NOTHING = new Wish(0, 0, false);
  }

  private final String name;
  private final WebSocketSession session;
  private final GameRoom room;
  private final RateLimit limit;
  private final AtomicBoolean struck = new AtomicBoolean();
  private volatile Wish wish = Wish.NOTHING;
  private volatile boolean closed;

  /** The figure, once the game has made it; the game's thread's. */
  @Nullable Player player;

  /** Whether the client knows the arena; the game's thread's. */
  boolean welcomed;

  /** Which roster the client has; the game's thread's. */
  long roster;

  GameSocket(String name, WebSocketSession session, GameRoom room, LongSupplier nanoTime) {
    this.name = name;
    this.session = session;
    this.room = room;
    this.limit = new RateLimit(FRAMES_PER_SECOND, BURST, nanoTime);
  }

  String name() {
    return name;
  }

  WebSocketSession session() {
    return session;
  }

  boolean closed() {
    return closed;
  }

  /** What the person wants now; a stroke between two calls is in the second, even if it is over. */
  Wish takeWish() {
    Wish now = wish;
    return struck.getAndSet(false) ? new Wish(now.x(), now.y(), true) : now;
  }

  @Override
  public void onBinary(ByteBuffer message) {
    if (closed) {
      return;
    }
    if (!limit.tryTake()) {
      refuse(VIOLATION, "A client sends at most " + FRAMES_PER_SECOND + " frames a second.");
      return;
    }
    int length = message.remaining();
    byte kind = length > 0 ? message.get() : 0;
    if (kind == STEER && length == STEER_BYTES) {
      steer(message.get(), message.get(), message.get());
    } else if (kind == BOTS && length == BOTS_BYTES) {
      bots(message.get() & 0xff);
    } else {
      refuse(VIOLATION, "A frame is 01 buttons x y, or 02 bots.");
    }
  }

  private void steer(byte buttons, byte x, byte y) {
    if ((buttons & ~1) != 0) {
      refuse(VIOLATION, "There is one button.");
      return;
    }
    boolean strike = buttons == 1;
    wish = new Wish(x / FULL, y / FULL, strike);
    if (strike) {
      struck.set(true);
    }
  }

  private void bots(int count) {
    if (count > GameRoom.MOST_BOTS) {
      refuse(VIOLATION, "There are at most " + GameRoom.MOST_BOTS + " bots.");
      return;
    }
    room.wantBots(count);
  }

  @Override
  public void onText(String message) {
    if (!closed) {
      refuse(UNACCEPTABLE, "The game takes binary frames.");
    }
  }

  @Override
  public void onClose(int code, String reason) {
    leave();
  }

  private void refuse(int code, String rule) {
    leave();
    session.close(code, rule);
  }

  private void leave() {
    closed = true;
    room.leave(this);
  }
}
