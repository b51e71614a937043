package dev.halley.server.http;

import dev.halley.server.ServerMetrics;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import dev.halley.server.meter.HookMeters;
import dev.halley.server.meter.PrometheusPage;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /metrics}. Adds everything up, which is no work for an event loop, and loads
 * Micrometer when the first one asks: so a virtual thread does it, for one request at a time.
 */
final class MetricsHandler implements AutoCloseable {
  private final ServerMetrics metrics;
  private final Hub hub;
  private final Optional<HookMeters> hooks;
  private final OffLoop threads;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable PrometheusPage page;

  MetricsHandler(ServerMetrics metrics, Hub hub, Optional<HookMeters> hooks, HttpRouter router) {
    this.metrics = metrics;
    this.hub = hub;
    this.hooks = hooks;
    this.threads = new OffLoop(router, "halley-metrics-");
  }

  /** Sees to it that the request is answered. */
  void handle(Exchange exchange) {
    threads.run(
        exchange,
        "The metrics take too long",
        () -> {
          String text = text();
          return () -> HttpRouter.respondText(exchange, PrometheusPage.TYPE, text);
        });
  }

  private String text() {
    lock.lock();
    try {
      PrometheusPage ready = page;
      if (ready == null) {
        ready =
            new PrometheusPage(
                metrics,
                hub.shards().stream().map(HubShard::meters).toList(),
                hub.patterns(),
                hub::patternOf,
                hub.broker());
        ready.bindArrivals(hub.arrivals());
        hooks.ifPresent(ready::bindHooks);
        ready.bindListening(hub.listening()::used);
        page = ready;
      }
      return ready.text();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (page != null) {
        page.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
