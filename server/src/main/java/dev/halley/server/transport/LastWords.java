package dev.halley.server.transport;

import dev.halley.server.connection.Connection;
import dev.halley.server.hub.TimerWheel;

/**
 * A connection on which all has been said, as long as the peer goes on taking it: a slow one gets
 * its last word, one that has stopped is closed.
 */
final class LastWords implements TimerWheel.Task {
  private final Connection connection;
  private final TimerWheel timers;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private final long patienceNanos;
  private long pending;

  private LastWords(Connection connection, TimerWheel timers, long patienceNanos) {
    this.connection = connection;
    this.timers = timers;
    this.patienceNanos = patienceNanos;
    this.pending = connection.pendingBytes();
  }

  /**
   * Closes a connection when the peer has taken all that waits for it, or takes nothing any more.
   *
   * @param patienceNanos how long it may take nothing
   */
  static void await(Connection connection, TimerWheel timers, long patienceNanos) {
    if (connection.pendingBytes() == 0) {
      connection.close();
    } else {
      timers.set(new LastWords(connection, timers, patienceNanos).timer, patienceNanos);
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    long before = pending;
    pending = connection.pendingBytes();
    if (pending > 0 && pending < before) {
      timers.set(timer, patienceNanos);
    } else {
      connection.close();
    }
  }

  @Override
  public void onLateDeadline(long nanoTime) {
    timers.set(timer, TimerWheel.SECOND_CHANCE_NANOS);
  }

  @Override
  public void abort() {
    connection.close();
  }

  /** It is leaving already. */
  @Override
  public void onDrain() {}
}
