package dev.halley.server.http;

import dev.halley.server.Rate;
import dev.halley.server.hub.TokenBucket;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether an address may make a request now. One whose bucket is full again is forgotten when there
 * is no place left, so what is kept is bounded, and more addresses than that within one period have
 * to wait. For any number of threads.
 */
final class AddressRates {
  private static final int MOST_ADDRESSES = 100_000;
  private static final long FULL_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Optional<Rate> rate;
  private final AddressCounts addresses;
  private final LongSupplier nanoClock;
  private final int mostAddresses;
  private final Map<InetAddress, TokenBucket> buckets = new ConcurrentHashMap<>();

  AddressRates(Optional<Rate> rate, AddressCounts addresses) {
    this(rate, addresses, System::nanoTime, MOST_ADDRESSES);
  }

  AddressRates(
      Optional<Rate> rate, AddressCounts addresses, LongSupplier nanoClock, int mostAddresses) {
    this.rate = rate;
    this.addresses = addresses;
    this.nanoClock = nanoClock;
    this.mostAddresses = mostAddresses;
  }

  /** Takes what one request needs; 0, or after how many whole seconds it may be tried again. */
  int take(InetAddress address) {
    if (rate.isEmpty() || addresses.isExempt(address)) {
      return 0;
    }
    long now = nanoClock.getAsLong();
    InetAddress network = AddressCounts.networkOf(address);
    TokenBucket known = buckets.get(network);
    if (known == null && !hasRoom(now)) {
      return seconds(FULL_WAIT_NANOS);
    }
    TokenBucket bucket =
        known == null
            ? buckets.computeIfAbsent(network, it -> new TokenBucket(rate.get(), now))
            : known;
    return seconds(bucket.take(1, now));
  }

  int size() {
    return buckets.size();
  }

  private boolean hasRoom(long now) {
    if (buckets.size() >= mostAddresses) {
      buckets.values().removeIf(bucket -> bucket.isFull(now));
    }
    return buckets.size() < mostAddresses;
  }

  private static int seconds(long nanos) {
    return (int) Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
  }
}
