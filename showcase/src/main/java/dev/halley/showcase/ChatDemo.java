package dev.halley.showcase;

import dev.halley.server.app.Application;
import dev.halley.showcase.chat.Chat;
import java.time.Duration;

/** The chat room. */
record ChatDemo(Chat chat, Runnable expiry) implements Demo {
  private static final Duration EXPIRY_PERIOD = Duration.ofSeconds(1);

  static ChatDemo start(Chat chat, Ticker ticker) {
    return new ChatDemo(chat, ticker.every(EXPIRY_PERIOD, chat::expire));
  }

  @Override
  public void addRoutes(Application.Builder routes) {
    chat.addRoutes(routes);
  }

  @Override
  public void close() {
    expiry.run();
  }
}
