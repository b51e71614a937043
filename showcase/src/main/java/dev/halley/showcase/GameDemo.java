package dev.halley.showcase;

import dev.halley.server.app.Application;
import dev.halley.showcase.game.Game;

/** The game: a world that the server moves, whoever plays or doesn't. */
record GameDemo(Game game) implements Demo {
  @Override
  public void addRoutes(Application.Builder routes) {
    game.addRoutes(routes);
  }

  @Override
  public void close() {
    game.close();
  }
}
