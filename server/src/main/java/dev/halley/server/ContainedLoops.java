package dev.halley.server;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Event loops that go on whatever is thrown in them. Netty's own end with the first {@link Error},
 * and leave their sockets open and silent. What reaches the loop has passed all boundaries before
 * it, so there is no connection that it could end; but one that fails for seconds on end isn't
 * survived in silence either: the loop ends, and that is told.
 */
final class ContainedLoops extends MultiThreadIoEventLoopGroup {
  /** How long the turns of a server's loop may all fail. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Between two that fail, so that whoever has the memory can let go of it. */
  private static final long PAUSE_MILLIS = 10;

  /** As Netty's: how long tasks may run before it is I/O's turn. */
  private static final long TASKS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Failures failures;
  private final long patienceNanos;
  private volatile BiConsumer<EventLoop, Throwable> ended = (loop, cause) -> {};

  /**
   * That many loops.
   *
   * @param patience how long the turns of one may all fail
   */
  ContainedLoops(
      int count,
      ThreadFactory threads,
      IoHandlerFactory handlers,
      Failures failures,
      Duration patience) {
    super(count, threads, handlers);
    this.failures = failures;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Says whom to tell when a loop ends that nobody has shut down: on the loop's thread, where its
   * connections can still be closed.
   */
  void onEnd(BiConsumer<EventLoop, Throwable> told) {
    ended = told;
  }

  @Override
  protected IoEventLoop newChild(
      Executor executor, IoHandlerFactory handlers, Object... arguments) {
    return new Loop(this, executor, handlers);
  }

  private static final class Loop extends SingleThreadIoEventLoop {
    private final ContainedLoops loops;

    Loop(ContainedLoops loops, Executor executor, IoHandlerFactory handlers) {
      super(loops, executor, handlers);
      this.loops = loops;
    }

    @Override
    protected void run() {
      try {
        ioHandler().initialize();
        long failingSince = 0;
        boolean failing = false;
        do {
          try {
            turn();
            failing = false;
          } catch (Throwable e) {
            loops.failures.contain(Failures.Place.LOOP, e);
            long now = System.nanoTime();
            if (!failing) {
              failing = true;
              failingSince = now;
            } else if (now - failingSince > loops.patienceNanos) {
              throw e;
            }
            pause();
          }
        } while (!confirmShutdown() && !canSuspend());
      } catch (Throwable e) {
        tell(e);
        throw e;
      }
    }

    private void turn() {
      runIo();
      if (isShuttingDown()) {
        ioHandler().prepareToDestroy();
      }
      runAllTasks(TASKS_NANOS);
    }

    private static void pause() {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        // Nobody interrupts a loop to any end.
      }
    }

    /** First whoever embeds the server, then whoever watches over all threads. */
    private void tell(Throwable cause) {
      try {
        loops.ended.accept(this, cause);
      } catch (Throwable e) {
        loops.failures.contain(Failures.Place.LOOP, e);
      } finally {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, cause);
      }
    }
  }
}
