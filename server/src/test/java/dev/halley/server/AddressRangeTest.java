package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are of a range. */
class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1, true",
    "127.0.0.1, 127.0.0.2, false",
    "10.0.0.0/8, 10.255.3.4, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "172.16.0.0/12, 172.31.255.255, true",
    "172.16.0.0/12, 172.32.0.0, false",
    "192.0.2.128/25, 192.0.2.128, true",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.7/32, 192.0.2.7, true",
    "192.0.2.6/31, 192.0.2.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 2001:db8::1, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::1, ::1, true",
    "::1, 127.0.0.1, false",
    "127.0.0.1, ::ffff:127.0.0.1, true",
  })
  void anAddressIsOfARangeIfTheBitsThatCountAreTheSame(
      String range, String address, boolean contained) {
    assertThat(AddressRange.parse(range).contains(AddressRange.address(address).orElseThrow()))
        .isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "localhost", "example.org/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8",
        "10.0.0.1/8", "::1/129", "2001:db8::1/64", "10.0.0", "10.0.0.0/x", "fe80::1%eth0",
            "1.2.3.4:80"
      })
  void whatIsNoRangeIsNamed(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining('"' + text + '"');
  }

  @Test
  void nobodyIsTrustedUnlessToldSo() {
    assertThat(ServerConfig.defaults().proxyTrust().trusts(InetAddress.getLoopbackAddress()))
        .isFalse();
  }
}
