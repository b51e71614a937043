package dev.halley.server.http;

import dev.halley.server.hub.Hub;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Requests that the application is asked about wait here, and all others go on. */
final class Gate {
  private final Hub hub;
  private final HttpRouter router;

  Gate(Hub hub, HttpRouter router) {
    this.hub = hub;
    this.router = router;
  }

  /** As {@link HttpRouter#fail}. */
  void fail(Exchange exchange, Throwable cause) {
    router.fail(exchange, cause);
  }

  /**
   * Holds an exchange until a question is answered.
   *
   * @param question fails with what to answer
   * @param admitted goes on, on the event loop; the exchange may have been answered meanwhile
   */
  <T> void pass(Exchange exchange, CompletionStage<T> question, Consumer<T> admitted) {
    PendingAnswer.hold(exchange, "The application doesn't answer");
    hub.onLoop(
        exchange.eventLoop(),
        question,
        answer -> {
          try {
            admitted.accept(answer);
          } catch (Throwable e) {
            router.fail(exchange, e);
          }
        },
        cause -> router.fail(exchange, cause));
  }
}
