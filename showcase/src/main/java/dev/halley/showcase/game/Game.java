package dev.halley.showcase.game;

import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.WebSocketListener;
import dev.halley.server.app.WebSocketSession;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;

/**
 * A game in one world for all: the server moves the monsters, and they strike whoever is near,
 * whether or not that player's client has sent anything.
 */
public final class Game implements AutoCloseable {
  private static final int TRY_AGAIN_LATER = 1013;

  private final GameRoom room;
  private final GameLoop loop;

  private Game(GameRoom room) {
    this.room = room;
    this.loop = GameLoop.start(room);
  }

  /** Starts a game in which nothing happens before somebody comes. */
  public static Game start(InstantSource clock) {
    return new Game(new GameRoom(Arena.standard(), new Random(), clock, System::nanoTime));
  }

  /**
   * Adds {@code /game/play?name=…}, a WebSocket. It is closed with 1008 if nothing is left of the
   * name after cleaning, and with 1013 if the world is full.
   */
  public void addRoutes(Application.Builder routes) {
    routes.webSocket("/game/play", this::open);
  }

  private WebSocketListener open(Request request, WebSocketSession session) {
    Optional<String> name = request.query("name").flatMap(Names::clean);
    if (name.isEmpty()) {
      session.close(GameSocket.VIOLATION, "A name has 1 to 16 characters.");
      return new WebSocketListener() {};
    }
    GameSocket socket = new GameSocket(name.get(), session, room, System::nanoTime);
    if (!room.enter(socket)) {
      session.close(TRY_AGAIN_LATER, "The world is full.");
      return new WebSocketListener() {};
    }
    loop.wake();
    return socket;
  }

  /** Ends the game. */
  @Override
  public void close() {
    loop.close();
  }
}
