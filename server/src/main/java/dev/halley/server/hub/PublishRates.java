package dev.halley.server.hub;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether one may publish now, as the policies' rates have it. A channel whose bucket is full again
 * is forgotten when there is no place left, so what is kept is bounded, and more channels than that
 * within one period have to wait. For use by many threads.
 */
public final class PublishRates {
  private static final int MOST_CHANNELS = 100_000;
  private static final long FULL_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ChannelPolicies policies;
  private final LongSupplier nanoClock;
  private final int mostChannels;
  private final Map<String, TokenBucket> channels = new ConcurrentHashMap<>();

  /** Whether any policy has one: otherwise nothing is looked up. */
  private final boolean any;

  PublishRates(ChannelPolicies policies, LongSupplier nanoClock) {
    this(policies, nanoClock, MOST_CHANNELS);
  }

  PublishRates(ChannelPolicies policies, LongSupplier nanoClock, int mostChannels) {
    this.policies = policies;
    this.nanoClock = nanoClock;
    this.mostChannels = mostChannels;
    this.any =
        policies.all().stream().anyMatch(it -> it.perConnection().or(it::perChannel).isPresent());
  }

  /** Whether there is any rate at all. */
  public boolean any() {
    return any;
  }

  /** The share of one connection. Used by one thread. */
  public final class Share {
    private final IdentityHashMap<ChannelRules, TokenBucket> buckets = new IdentityHashMap<>(2);

    private Share() {}

    /**
     * Takes what one publication on a channel needs.
     *
     * @return 0, or after how many whole seconds it may be tried again
     */
    public int take(String channel) {
      ChannelRules rules = policies.rules(channel);
      if (rules.perConnection().isEmpty()) {
        return PublishRates.this.take(Map.of(channel, 1));
      }
      long now = nanoClock.getAsLong();
      TokenBucket own =
          buckets.computeIfAbsent(
              rules, it -> new TokenBucket(it.perConnection().orElseThrow(), now));
      long wait = own.waitNanos(now);
      if (wait > 0) {
        return seconds(wait);
      }
      // Only what the channel takes counts for the connection, too.
      int channelWait = PublishRates.this.take(Map.of(channel, 1));
      if (channelWait == 0) {
        own.take(1, now);
      }
      return channelWait;
    }
  }

  /** For a new connection. */
  public Share newShare() {
    return new Share();
  }

  /**
   * Takes what a request needs: all of it, or nothing.
   *
   * @param publications how many there are, by channel
   * @return 0, or after how many whole seconds it may be tried again
   */
  public int take(Map<String, Integer> publications) {
    long now = nanoClock.getAsLong();
    long wait = 0;
    for (String channel : publications.keySet()) {
      wait = Math.max(wait, waitNanos(channel, now));
    }
    if (wait == 0) {
      publications.forEach((channel, count) -> charge(channel, count, now));
    }
    return seconds(wait);
  }

  int channels() {
    return channels.size();
  }

  private long waitNanos(String channel, long now) {
    if (policies.rules(channel).perChannel().isEmpty()) {
      return 0;
    }
    TokenBucket bucket = channels.get(channel);
    if (bucket != null) {
      return bucket.waitNanos(now);
    }
    return hasRoom(now) ? 0 : FULL_WAIT_NANOS;
  }

  private void charge(String channel, int count, long now) {
    policies
        .rules(channel)
        .perChannel()
        .ifPresent(
            rate ->
                channels.compute(
                    channel,
                    (name, known) -> {
                      TokenBucket bucket = known == null ? new TokenBucket(rate, now) : known;
                      bucket.take(count, now);
                      return bucket;
                    }));
  }

  private boolean hasRoom(long now) {
    if (channels.size() >= mostChannels) {
      channels.values().removeIf(bucket -> bucket.isFull(now));
    }
    return channels.size() < mostChannels;
  }

  private static int seconds(long nanos) {
    return (int) Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
  }
}
