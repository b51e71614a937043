package dev.halley.showcase;

import dev.halley.server.app.Application;
import dev.halley.showcase.chat.Chat;

/** The chat room. */
record ChatDemo(Chat chat) implements Demo {
  @Override
  public void addRoutes(Application.Builder routes) {
    chat.addRoutes(routes);
  }

  @Override
  public void close() {
    chat.close();
  }
}
