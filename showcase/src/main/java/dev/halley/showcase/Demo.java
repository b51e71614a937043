package dev.halley.showcase;

import dev.halley.server.app.Application;

/** One use of server push: its routes and whatever runs behind them. */
interface Demo extends AutoCloseable {
  /** Adds its routes, before the pages' files. Called once. */
  void addRoutes(Application.Builder routes);

  /** Ends what it has started. */
  @Override
  default void close() {}
}
