package dev.halley.server.http;

import dev.halley.server.ProxyTrust;
import dev.halley.server.Rate;
import dev.halley.server.hub.RateBuckets;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Whether an address may make a request now. For any number of threads. */
final class AddressRates {
  private final Optional<Rate> rate;
  private final ProxyTrust trust;
  private final RateBuckets<InetAddress> buckets;

  AddressRates(Optional<Rate> rate, ProxyTrust trust) {
    this(rate, trust, System::nanoTime, RateBuckets.MOST);
  }

  AddressRates(Optional<Rate> rate, ProxyTrust trust, LongSupplier nanoClock, int mostAddresses) {
    this.rate = rate;
    this.trust = trust;
    this.buckets = new RateBuckets<>(nanoClock, mostAddresses);
  }

  /** Takes what one request needs; 0, or after how many whole seconds it may be tried again. */
  int take(InetAddress address) {
    return rate.isEmpty()
        ? 0
        : trust.counted(address).map(it -> buckets.take(it, rate.get())).orElse(0);
  }

  int size() {
    return buckets.size();
  }
}
