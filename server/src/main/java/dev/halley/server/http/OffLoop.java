package dev.halley.server.http;

import dev.halley.server.arrival.Arrivals;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * Answers that take long, or wait for somebody: each is worked out on a virtual thread of its own
 * while its exchange is held.
 */
final class OffLoop {
  private final HttpRouter router;
  private final Executor threads;

  /**
   * @param threadName how the threads' names begin
   */
  OffLoop(HttpRouter router, String threadName) {
    this.router = router;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(threadName, 0).factory());
  }

  /**
   * Sees to it that the exchange is answered.
   *
   * @param tooLate what to say if it takes too long
   * @param work gives what is to be done on the event loop with its outcome; a failure is the
   *     router's
   */
  void run(Exchange exchange, String tooLate, Callable<Runnable> work) {
    PendingAnswer.hold(exchange, tooLate);
    // The client may have gone long before the work is done, which needs what it sent.
    Arrivals.Share share = exchange.share().retain();
    threads.execute(
        () -> {
          Runnable answer = prepare(exchange, work);
          share.release();
          exchange.eventLoop().execute(() -> give(exchange, answer));
        });
  }

  private void give(Exchange exchange, Runnable answer) {
    try {
      answer.run();
    } catch (Throwable e) {
      router.fail(exchange, e);
    }
  }

  private Runnable prepare(Exchange exchange, Callable<Runnable> work) {
    try {
      return work.call();
    } catch (Throwable e) {
      return () -> router.fail(exchange, e);
    }
  }
}
