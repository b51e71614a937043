package dev.halley.broker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Logs that were empty and that nobody followed when they came here, in that order: those that make
 * room. Each is here once at most; it may be needed again, which who takes it finds out. So to make
 * room never takes a walk through all logs. For use by many threads.
 */
final class UnneededLogs {
  /** Without them nobody misses anything. */
  private final Queue<ChannelLog> unpublished = new ConcurrentLinkedQueue<>();

  /** Without them a reader that has read all is told of a gap. */
  private final Queue<ChannelLog> emptied = new ConcurrentLinkedQueue<>();

  void add(ChannelLog log, boolean isUnpublished) {
    (isUnpublished ? unpublished : emptied).add(log);
  }

  /** The next one, those first that nothing was published to. */
  @Nullable ChannelLog poll(boolean onlyUnpublished) {
    ChannelLog log = unpublished.poll();
    return log == null && !onlyUnpublished ? emptied.poll() : log;
  }

  /** Lets go of those that the broker has forgotten. */
  void forgetRetired() {
    unpublished.removeIf(ChannelLog::isRetired);
    emptied.removeIf(ChannelLog::isRetired);
  }
}
