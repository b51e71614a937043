package dev.halley.showcase;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A server that visitors may stop and see come back, on the same port and with the same broker: so
 * logs and positions live on, and listeners resume where they were. Safe for use by many threads.
 */
public final class RestartingServer implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(RestartingServer.class.getName());

  /** How to start a server. */
  @FunctionalInterface
  public interface Starter {
    /**
     * Starts one.
     *
     * @param port where to listen; 0 lets the system choose
     * @throws IOException if it can't listen
     */
    Started start(int port) throws IOException;
  }

  /** A server that runs. */
  public interface Started extends AutoCloseable {
    /** Where it listens. */
    InetSocketAddress address();

    /** Drains and stops it. Blocks until then. */
    @Override
    void close();
  }

  private final Starter starter;
  private final Duration retry;
  private final InetSocketAddress address;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Guards the server. Held while one is stopped or started, not in between. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Started server;
  private boolean restarting;

  private RestartingServer(Starter starter, Duration retry, Started server) {
    this.starter = starter;
    this.retry = retry;
    this.server = server;
    this.address = server.address();
  }

  /**
   * Starts the first one.
   *
   * @throws IOException if it can't listen
   */
  public static RestartingServer start(Starter starter, int port) throws IOException {
    return start(starter, port, Duration.ofSeconds(1));
  }

  /**
   * Starts the first one.
   *
   * @param retry how long to wait before the next try where the port was taken meanwhile
   */
  static RestartingServer start(Starter starter, int port, Duration retry) throws IOException {
    return new RestartingServer(starter, retry, starter.start(port));
  }

  /** Where it listens, and will again. */
  public InetSocketAddress address() {
    return address;
  }

  /**
   * Begins a restart on a thread of its own.
   *
   * @param notice how long the server goes on before it stops
   * @param pause how long there is none
   * @return false if a restart is under way already, or this is closed
   */
  public boolean restart(Duration notice, Duration pause) {
    lock.lock();
    try {
      if (restarting || closed.getCount() == 0) {
        return false;
      }
      restarting = true;
    } finally {
      lock.unlock();
    }
    Thread.ofPlatform().name("halley-restart").start(() -> run(notice, pause));
    return true;
  }

  /** Stops the server for good. */
  @Override
  public void close() {
    closed.countDown();
    stop();
  }

  private void run(Duration notice, Duration pause) {
    try {
      if (closedWithin(notice)) {
        return;
      }
      stop();
      Duration wait = pause;
      do {
        if (closedWithin(wait)) {
          return;
        }
        wait = retry;
      } while (!comesBack());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean closedWithin(Duration time) throws InterruptedException {
    return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void stop() {
    lock.lock();
    try {
      if (server != null) {
        server.close();
        server = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether there is nothing left to do. */
  private boolean comesBack() {
    lock.lock();
    try {
      if (closed.getCount() > 0) {
        server = starter.start(address.getPort());
        restarting = false;
      }
      return true;
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "the server can't come back yet", e);
      return false;
    } finally {
      lock.unlock();
    }
  }
}
