package dev.halley.server.hub;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.Limit;
import dev.halley.server.ProxyTrust;
import dev.halley.server.Rate;
import dev.halley.server.Rates;
import dev.halley.server.ServerConfig;
import java.net.InetAddress;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Whether one may publish now: the address that it comes from, the user, the channel and, of a
 * WebSocket, the connection each have a rate of their own, so that none of them takes what is the
 * others'. For use by many threads.
 */
public final class PublishRates {
  private final ChannelPolicies policies;
  private final Rates rates;
  private final ProxyTrust trust;
  private final LongSupplier nanoClock;
  private final RateBuckets<InetAddress> addresses;
  private final RateBuckets<String> users;
  private final RateBuckets<String> channels;

  /** Whether there is one: otherwise nothing is looked up. */
  private final boolean any;

  PublishRates(ServerConfig config, LongSupplier nanoClock, int mostBuckets) {
    this.policies = ChannelPolicies.of(config);
    this.rates = config.rates();
    this.trust = config.proxyTrust();
    this.nanoClock = nanoClock;
    this.addresses = new RateBuckets<>(nanoClock, mostBuckets);
    this.users = new RateBuckets<>(nanoClock, mostBuckets);
    this.channels = new RateBuckets<>(nanoClock, mostBuckets);
    this.any =
        rates.publicationsPerAddress().isPresent()
            || rates.publicationsPerUser().isPresent()
            || policies.all().stream()
                .anyMatch(it -> it.perConnection().or(it::perChannel).isPresent());
  }

  /** As the configuration has them. */
  public static PublishRates of(ServerConfig config) {
    return new PublishRates(config, System::nanoTime, RateBuckets.MOST);
  }

  /** Whether there is any rate at all. */
  public boolean any() {
    return any;
  }

  /**
   * For whom publications count.
   *
   * @param hasKey whether it is one of the operator's own backends
   */
  public Publisher publisher(InetAddress address, Optional<String> user, boolean hasKey) {
    return hasKey ? Publisher.OPERATOR : new Publisher(trust.counted(address), user);
  }

  /** The share of one connection. Used by one thread. */
  public final class Share {
    private final Publisher publisher;
    private final IdentityHashMap<ChannelRules, TokenBucket> buckets = new IdentityHashMap<>(2);

    private Share(Publisher publisher) {
      this.publisher = publisher;
    }

    /** Takes what one publication on a channel needs, or says what stands against it. */
    public Optional<RateExceeded> take(String channel) {
      ChannelRules rules = policies.rules(channel);
      if (rules.perConnection().isEmpty()) {
        return PublishRates.this.take(publisher, Map.of(channel, 1));
      }
      long now = nanoClock.getAsLong();
      TokenBucket own =
          buckets.computeIfAbsent(
              rules, it -> new TokenBucket(it.perConnection().orElseThrow(), now));
      long wait = own.waitNanos(now);
      if (wait > 0) {
        return RateExceeded.of(Limit.RATE_PER_CONNECTION, wait);
      }
      // Only what all others let through counts for the connection, too.
      Optional<RateExceeded> exceeded = PublishRates.this.take(publisher, Map.of(channel, 1));
      if (exceeded.isEmpty()) {
        own.take(1, now);
      }
      return exceeded;
    }
  }

  /** For a new connection of a publisher. */
  public Share newShare(Publisher publisher) {
    return new Share(publisher);
  }

  /**
   * Takes what a request needs: all of it, or nothing; then it says what stands against it for the
   * longest time.
   *
   * @param publications how many there are, by channel
   */
  public Optional<RateExceeded> take(Publisher publisher, Map<String, Integer> publications) {
    long ofAddress = wait(addresses, publisher.address(), rates.publicationsPerAddress());
    long ofUser = wait(users, publisher.user(), rates.publicationsPerUser());
    long ofChannels = 0;
    for (String channel : publications.keySet()) {
      ofChannels = Math.max(ofChannels, wait(channels, Optional.of(channel), perChannel(channel)));
    }
    if (ofAddress == 0 && ofUser == 0 && ofChannels == 0) {
      charge(publisher, publications);
      return Optional.empty();
    }
    if (ofAddress >= Math.max(ofUser, ofChannels)) {
      return RateExceeded.of(Limit.PUBLICATIONS_PER_ADDRESS, ofAddress);
    }
    return ofUser >= ofChannels
        ? RateExceeded.of(Limit.PUBLICATIONS_PER_USER, ofUser)
        : RateExceeded.of(Limit.RATE_PER_CHANNEL, ofChannels);
  }

  int channels() {
    return channels.size();
  }

  private void charge(Publisher publisher, Map<String, Integer> publications) {
    int all = 0;
    for (Map.Entry<String, Integer> entry : publications.entrySet()) {
      Optional<String> channel = Optional.of(entry.getKey());
      charge(channels, channel, perChannel(entry.getKey()), entry.getValue());
      all += entry.getValue();
    }
    charge(addresses, publisher.address(), rates.publicationsPerAddress(), all);
    charge(users, publisher.user(), rates.publicationsPerUser(), all);
  }

  private Optional<Rate> perChannel(String channel) {
    return policies.rules(channel).perChannel();
  }

  private static <K> long wait(RateBuckets<K> buckets, Optional<K> whose, Optional<Rate> rate) {
    return whose.isEmpty() || rate.isEmpty() ? 0 : buckets.waitNanos(whose.get());
  }

  private static <K> void charge(
      RateBuckets<K> buckets, Optional<K> whose, Optional<Rate> rate, int publications) {
    if (whose.isPresent() && rate.isPresent()) {
      buckets.charge(whose.get(), rate.get(), publications);
    }
  }
}
