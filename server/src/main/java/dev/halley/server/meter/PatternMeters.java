package dev.halley.server.meter;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * What one event loop counts of the channels of one pattern. The loop writes; any thread may read.
 */
public final class PatternMeters {
  private final OwnedCounter channels = new OwnedCounter();
  private final OwnedCounter publications = new OwnedCounter();
  private final OwnedCounter publishedBytes = new OwnedCounter();
  private final OwnedCounter gaps = new OwnedCounter();
  private final OwnedCounter lagging = new OwnedCounter();
  private final OwnedCounter slowed = new OwnedCounter();
  private final OwnedCounter unlisted = new OwnedCounter();
  private final Map<Via, OwnedCounter> subscriptions = perVia();
  private final Map<Via, OwnedCounter> deliveries = perVia();
  private final Map<Via, OwnedCounter> deliveredBytes = perVia();
  private final DurationHistogram latency = new DurationHistogram();

  PatternMeters() {}

  static Map<Via, OwnedCounter> perVia() {
    Map<Via, OwnedCounter> counters = new EnumMap<>(Via.class);
    for (Via via : Via.values()) {
      counters.put(via, new OwnedCounter());
    }
    return counters;
  }

  static OwnedCounter of(Map<Via, OwnedCounter> counters, Via via) {
    return Objects.requireNonNull(counters.get(via));
  }

  /** Channels that somebody of this loop follows now. */
  public OwnedCounter channels() {
    return channels;
  }

  /** Subscriptions of streams that there are now. */
  public OwnedCounter subscriptions(Via via) {
    return of(subscriptions, via);
  }

  /** Subscriptions that read from a cursor of their own now. */
  public OwnedCounter lagging() {
    return lagging;
  }

  /** How often a live subscription began to lag because its connection took no more. */
  public OwnedCounter slowed() {
    return slowed;
  }

  /** Gaps that listeners were told of. */
  public OwnedCounter gaps() {
    return gaps;
  }

  /** How often there was no room to list somebody who is present, or the broker couldn't. */
  public OwnedCounter unlisted() {
    return unlisted;
  }

  /** A publication was taken. */
  public void published(int bytes) {
    publications.increment();
    publishedBytes.add(bytes);
  }

  /**
   * Publications were handed to sockets.
   *
   * @param count each one as often as there were sockets
   * @param bytes as written, before TLS
   */
  public void delivered(Via via, long count, long bytes) {
    of(deliveries, via).add(count);
    of(deliveredBytes, via).add(bytes);
  }

  /**
   * From the moment at which the oldest publication of a batch could be read until this loop had
   * handed it to every socket that takes it.
   */
  public DurationHistogram latency() {
    return latency;
  }

  OwnedCounter publications() {
    return publications;
  }

  OwnedCounter publishedBytes() {
    return publishedBytes;
  }

  OwnedCounter deliveries(Via via) {
    return of(deliveries, via);
  }

  OwnedCounter deliveredBytes(Via via) {
    return of(deliveredBytes, via);
  }
}
