package dev.halley.server.transport;

import dev.halley.server.arrival.Arrivals;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What came on one connection and waits for the application: on each channel it is done in the
 * order in which it came, whichever answer comes first. Bounded. Used on the connection's event
 * loop.
 */
final class Turns {
  /** With so many, or so many bytes, the connection isn't read any more. */
  private static final int CROWD = 64;

  private static final int CROWD_BYTES = 256 << 10;

  /** What had been read already may be so much more. */
  private static final int MOST = 1_024;

  /** One that waits. */
  static final class Turn {
    private final int size;
    private final Arrivals.Share share;
    private @Nullable Runnable action;

    private Turn(int size, Arrivals.Share share) {
      this.size = size;
      this.share = share;
    }
  }

  private final Map<String, Queue<Turn>> lines = new HashMap<>();
  private final long mostBytes;
  private int count;
  private long bytes;

  /**
   * @param mostBytes that wait, unless one alone has more
   */
  Turns(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Whether something waits on this channel. */
  boolean isWaiting(String channel) {
    return lines.containsKey(channel);
  }

  /** Whether there is enough for now. */
  boolean isCrowded() {
    return count >= CROWD || bytes >= CROWD_BYTES;
  }

  /** Whether one more of that size is too much. */
  boolean isFull(int size) {
    return count >= MOST || (count > 0 && bytes + size > mostBytes);
  }

  /**
   * The next one on a channel.
   *
   * @param share what it holds; let go of when it is done
   */
  Turn join(String channel, int size, Arrivals.Share share) {
    Turn turn = new Turn(size, share);
    lines.computeIfAbsent(channel, name -> new ArrayDeque<>(2)).add(turn);
    count++;
    bytes += size;
    return turn;
  }

  /** From here on a turn waits for none but those before it. */
  void settle(String channel, Turn turn, Runnable action) {
    turn.action = action;
    Queue<Turn> line = lines.get(channel);
    if (line == null) {
      return; // the connection has ended
    }
    for (Turn first = line.peek(); first != null && first.action != null; first = line.peek()) {
      line.remove();
      count--;
      bytes -= first.size;
      if (line.isEmpty()) {
        lines.remove(channel);
      }
      first.action.run();
      first.share.release();
    }
  }

  /** Nothing of what waits is done. */
  void clear() {
    for (Queue<Turn> line : lines.values()) {
      line.forEach(turn -> turn.share.release());
      line.clear();
    }
    lines.clear();
    count = 0;
    bytes = 0;
  }
}
