package dev.halley.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.AddressRange;
import dev.halley.server.ProxyTrust;
import dev.halley.server.Rate;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often an address may ask. */
class AddressRatesTest {
  private static final Rate TWO_IN_TEN_SECONDS = new Rate(2, Duration.ofSeconds(10));

  private long now = 1_000_000;

  private static InetAddress address(String text) {
    return AddressRange.address(text).orElseThrow();
  }

  private AddressRates rates(Optional<Rate> rate, int most) {
    ProxyTrust trust =
        new ProxyTrust(
            List.of(AddressRange.parse("10.0.0.0/8")), ProxyTrust.Header.X_FORWARDED_FOR);
    return new AddressRates(rate, trust, () -> now, most);
  }

  @Test
  void eachAddressHasItsOwnRate() {
    AddressRates rates = rates(Optional.of(TWO_IN_TEN_SECONDS), 10);
    for (String one : List.of("192.0.2.1", "192.0.2.2", "2001:db8::1")) {
      assertThat(rates.take(address(one))).isZero();
      assertThat(rates.take(address(one))).isZero();
      assertThat(rates.take(address(one))).isEqualTo(5);
    }
    assertThat(rates.take(address("2001:db8::ffff:2"))).as("the same network").isEqualTo(5);
    now += TimeUnit.SECONDS.toNanos(5);
    assertThat(rates.take(address("192.0.2.1"))).isZero();
    assertThat(rates.take(address("192.0.2.1"))).isEqualTo(5);
  }

  @Test
  void proxiesAndLoopbackAreExemptAndWithoutARateEverybody() {
    AddressRates rates = rates(Optional.of(TWO_IN_TEN_SECONDS), 10);
    AddressRates unlimited = rates(Optional.empty(), 10);
    for (int i = 0; i < 5; i++) {
      assertThat(rates.take(address("10.1.1.1"))).isZero();
      assertThat(rates.take(address("127.0.0.1"))).isZero();
      assertThat(rates.take(address("::1"))).isZero();
      assertThat(unlimited.take(address("192.0.2.1"))).isZero();
    }
    assertThat(rates.size() + unlimited.size()).isZero();
  }

  @Test
  void whatIsKeptIsBoundedAndForgottenWhenItSaysNothingAnyMore() {
    AddressRates rates = rates(Optional.of(TWO_IN_TEN_SECONDS), 3);
    for (int i = 0; i < 3; i++) {
      assertThat(rates.take(address("192.0.2." + i))).isZero();
    }
    assertThat(rates.take(address("192.0.2.9"))).isEqualTo(1);
    assertThat(rates.size()).isEqualTo(3);
    now += TimeUnit.SECONDS.toNanos(6);
    assertThat(rates.take(address("192.0.2.9"))).isZero();
    assertThat(rates.size()).isEqualTo(1);
  }

  /**
   * With as many addresses as there is place for, each new one would have all of them looked at.
   */
  @Test
  void strangersCannotHaveAllAddressesLookedAtMoreThanOnceASecond() {
    AddressRates rates = rates(Optional.of(Rate.perSecond(10)), 3);
    for (int i = 0; i < 3; i++) {
      assertThat(rates.take(address("192.0.2." + i))).isZero();
    }
    assertThat(rates.take(address("192.0.2.9"))).as("looked, and none is full").isEqualTo(1);
    now += TimeUnit.MILLISECONDS.toNanos(999);
    assertThat(rates.take(address("192.0.2.9"))).as("all are full, but nobody looks").isEqualTo(1);
    assertThat(rates.size()).isEqualTo(3);
    assertThat(rates.take(address("192.0.2.0"))).as("who is known is let in").isZero();
    now += TimeUnit.MILLISECONDS.toNanos(1);
    assertThat(rates.take(address("192.0.2.9"))).isZero();
    assertThat(rates.size()).as("the other two are forgotten").isEqualTo(2);
  }
}
