package dev.halley.server.http;

import dev.halley.server.Rate;
import dev.halley.server.hub.RateBuckets;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Whether an address may make a request now. For any number of threads. */
final class AddressRates {
  private final Optional<Rate> rate;
  private final AddressCounts addresses;
  private final RateBuckets<InetAddress> buckets;

  AddressRates(Optional<Rate> rate, AddressCounts addresses) {
    this(rate, addresses, System::nanoTime, RateBuckets.MOST);
  }

  AddressRates(
      Optional<Rate> rate, AddressCounts addresses, LongSupplier nanoClock, int mostAddresses) {
    this.rate = rate;
    this.addresses = addresses;
    this.buckets = new RateBuckets<>(nanoClock, mostAddresses);
  }

  /** Takes what one request needs; 0, or after how many whole seconds it may be tried again. */
  int take(InetAddress address) {
    return rate.isEmpty() || addresses.isExempt(address)
        ? 0
        : buckets.take(AddressCounts.networkOf(address), rate.get());
  }

  int size() {
    return buckets.size();
  }
}
