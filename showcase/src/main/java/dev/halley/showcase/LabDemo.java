package dev.halley.showcase;

import dev.halley.broker.Broker;
import dev.halley.broker.Payload;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.WebSocketListener;
import dev.halley.server.app.WebSocketSession;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The transport lab: one channel, to which a publisher publishes while a lab is open. Each lab has
 * a WebSocket to {@code /lab/control}: it says {@code {"rate":5}} and is told the rate and how many
 * watch.
 */
final class LabDemo implements Demo {
  private static final String CHANNEL = "lab";
  private static final int MAX_WATCHERS = 100;
  private static final int MAX_COMMAND = 100;
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int POLICY_VIOLATION = 1008;

  private final Broker broker;
  private final InstantSource clock;
  private final LabPublisher publisher;
  private final AtomicLong count = new AtomicLong();
  private final Set<WebSocketSession> watchers = ConcurrentHashMap.newKeySet();

  LabDemo(Broker broker, InstantSource clock, Ticker ticker) {
    this.broker = broker;
    this.clock = clock;
    this.publisher = new LabPublisher(ticker, this::publish);
  }

  @Override
  public void addRoutes(Application.Builder routes) {
    routes.webSocket("/lab/control", this::watch);
  }

  @Override
  public void close() {
    publisher.close();
  }

  private void publish() {
    String message =
        Json.object(Map.of("n", count.incrementAndGet(), "sent", Measures.millis(clock.instant())));
    broker.publish(CHANNEL, Payload.json(message), Optional.empty());
  }

  private WebSocketListener watch(Request request, WebSocketSession session) {
    if (watchers.size() >= MAX_WATCHERS) {
      session.close(TRY_AGAIN_LATER, "Too many labs are open");
      return new WebSocketListener() {};
    }
    watchers.add(session);
    publisher.join();
    tellAll();
    return new Watcher(session);
  }

  /** Who isn't writable now is told the next time. */
  private void tellAll() {
    String state = Json.object(Map.of("rate", publisher.rate(), "watchers", publisher.watchers()));
    watchers.forEach(watcher -> watcher.sendText(state));
  }

  private final class Watcher implements WebSocketListener {
    private final WebSocketSession session;

    Watcher(WebSocketSession session) {
      this.session = session;
    }

    @Override
    public void onText(String text) {
      try {
        if (text.length() > MAX_COMMAND) {
          throw new RequestRefusedException(400, "A command has at most 100 characters");
        }
        publisher.setRate(Double.parseDouble(Json.fields(text).getOrDefault("rate", "")));
        tellAll();
      } catch (RequestRefusedException | NumberFormatException e) {
        session.close(POLICY_VIOLATION, "A command is {\"rate\":number}");
      }
    }

    @Override
    public void onClose(int code, String reason) {
      watchers.remove(session);
      publisher.leave();
      tellAll();
    }
  }
}
