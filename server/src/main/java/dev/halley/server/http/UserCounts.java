package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.Caller;
import dev.halley.server.connection.Visit;
import java.util.Optional;

/** How many polls and streams each user has, from wherever they come. For any number of threads. */
final class UserCounts {
  private final ServerMetrics metrics;
  private final Counts<String> counts;

  UserCounts(ServerConfig config, ServerMetrics metrics) {
    this.metrics = metrics;
    this.counts = new Counts<>(config.limits().connectionsPerUser());
  }

  /**
   * Counts an exchange, and what becomes of it, for whoever makes it, if that is known.
   *
   * @throws HttpError if he has too many
   */
  void begin(Exchange exchange, Caller caller) {
    Optional<String> user = caller.subject();
    if (user.isEmpty()) {
      return;
    }
    if (!counts.enter(user.get())) {
      metrics.connectionsRefused().increment();
      throw HttpError.unavailable("This user has too many connections")
          .beyond(Limit.CONNECTIONS_PER_USER);
    }
    exchange.begin(new Visit(exchange.remoteAddress(), () -> counts.leave(user.get())));
  }
}
