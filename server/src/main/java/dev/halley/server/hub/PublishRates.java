package dev.halley.server.hub;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.Limit;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Whether one may publish now, as the policies' rates have it. For use by many threads. */
public final class PublishRates {
  private final ChannelPolicies policies;
  private final LongSupplier nanoClock;
  private final RateBuckets<String> channels;

  /** Whether any policy has one: otherwise nothing is looked up. */
  private final boolean any;

  PublishRates(ChannelPolicies policies, LongSupplier nanoClock) {
    this(policies, nanoClock, RateBuckets.MOST);
  }

  PublishRates(ChannelPolicies policies, LongSupplier nanoClock, int mostChannels) {
    this.policies = policies;
    this.nanoClock = nanoClock;
    this.channels = new RateBuckets<>(nanoClock, mostChannels);
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

    /** Takes what one publication on a channel needs, or says what stands against it. */
    public Optional<RateExceeded> take(String channel) {
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
        return RateExceeded.of(Limit.RATE_PER_CONNECTION, wait);
      }
      // Only what the channel takes counts for the connection, too.
      Optional<RateExceeded> exceeded = PublishRates.this.take(Map.of(channel, 1));
      if (exceeded.isEmpty()) {
        own.take(1, now);
      }
      return exceeded;
    }
  }

  /** For a new connection. */
  public Share newShare() {
    return new Share();
  }

  /**
   * Takes what a request needs: all of it, or nothing; then it says what stands against it.
   *
   * @param publications how many there are, by channel
   */
  public Optional<RateExceeded> take(Map<String, Integer> publications) {
    long wait = 0;
    for (String channel : publications.keySet()) {
      wait = Math.max(wait, waitNanos(channel));
    }
    if (wait == 0) {
      publications.forEach(this::charge);
    }
    return RateExceeded.of(Limit.RATE_PER_CHANNEL, wait);
  }

  int channels() {
    return channels.size();
  }

  private long waitNanos(String channel) {
    return policies.rules(channel).perChannel().isEmpty() ? 0 : channels.waitNanos(channel);
  }

  private void charge(String channel, int count) {
    policies.rules(channel).perChannel().ifPresent(rate -> channels.charge(channel, rate, count));
  }
}
