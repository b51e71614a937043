package dev.halley.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.AddressRange;
import dev.halley.server.ProxyTrust;
import dev.halley.server.connection.Client;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy is believed, and what not. */
class ClientsTest {
  private static final InetSocketAddress PROXY = new InetSocketAddress("10.0.0.1", 4711);
  private static final InetSocketAddress STRANGER = new InetSocketAddress("192.0.2.66", 4711);

  private static Clients trusting(ProxyTrust.Header header) {
    return new Clients(
        new ProxyTrust(
            Stream.of("10.0.0.0/8", "fd00::/8").map(AddressRange::parse).toList(), header));
  }

  private static Client of(InetSocketAddress peer, ProxyTrust.Header header, String... fields) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    return trusting(header).of(Client.atTheOtherEnd(peer), headers);
  }

  private static Client xForwarded(String... fields) {
    return of(PROXY, ProxyTrust.Header.X_FORWARDED_FOR, fields);
  }

  private static Client forwarded(String... fields) {
    return of(PROXY, ProxyTrust.Header.FORWARDED, fields);
  }

  private static String address(Client client) {
    return client.address().getAddress().getHostAddress() + " " + client.address().getPort();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.7 | 192.0.2.7 0",
        "192.0.2.7:80 | 192.0.2.7 80",
        "2001:db8::7 | 2001:db8:0:0:0:0:0:7 0",
        "[2001:db8::7] | 2001:db8:0:0:0:0:0:7 0",
        "[2001:db8::7]:443 | 2001:db8:0:0:0:0:0:7 443",
        "::ffff:192.0.2.7 | 192.0.2.7 0",
        // several hops: the first from the right that isn't ours is the client
        "192.0.2.7, 10.9.9.9 | 192.0.2.7 0",
        "192.0.2.7,fd00::1 ,10.9.9.9 | 192.0.2.7 0",
        "10.1.1.1, 10.9.9.9 | 10.1.1.1 0",
        // what a client makes up stands left of its own address
        "127.0.0.1, 192.0.2.7 | 192.0.2.7 0",
        "198.51.100.1, 10.0.0.2, 192.0.2.7, 10.9.9.9 | 192.0.2.7 0",
      })
  void theNearestThatIsNoProxyOfOursIsTheClient(String field, String client) {
    assertThat(address(xForwarded("X-Forwarded-For", field))).isEqualTo(client);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unknown",
        "",
        ",",
        "_hidden",
        "192.0.2.7.8",
        "192.0.2",
        "192.0.2.256",
        "example.org",
        "192.0.2.7:65536",
        "192.0.2.7:",
        "192.0.2.7:x",
        "[192.0.2.7]",
        "[2001:db8::7",
        "2001:db8::7]",
        "[2001:db8::7]443",
        "fe80::1%eth0",
        "192.0.2.7 192.0.2.8",
        "192.0.2.7;",
        "192.0.2.7, unknown"
      })
  void whatIsNoAddressIsAForwardedRequestOfTheProxys(String field) {
    Client client = xForwarded("X-Forwarded-For", field);
    assertThat(client.address()).isEqualTo(PROXY);
    assertThat(client.isForwarded()).isTrue();
    assertThat(xForwarded("X-Forwarded-For", field + ", 10.9.9.9").address().getAddress())
        .isEqualTo(AddressRange.address("10.9.9.9").orElseThrow());
  }

  @Test
  void severalLinesAreOneList() {
    assertThat(
            address(xForwarded("X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "192.0.2.7")))
        .isEqualTo("192.0.2.7 0");
    assertThat(address(xForwarded("X-Forwarded-For", "192.0.2.7", "X-Forwarded-For", "10.0.0.3")))
        .isEqualTo("192.0.2.7 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=192.0.2.7 | 192.0.2.7 0",
        "For=\"192.0.2.7:80\" | 192.0.2.7 80",
        "for=\"[2001:db8::7]\";proto=https | 2001:db8:0:0:0:0:0:7 0",
        "for=\"[2001:db8::7]:443\";by=_me | 2001:db8:0:0:0:0:0:7 443",
        "by=203.0.113.43; FOR = 192.0.2.7 ;host=example.org | 192.0.2.7 0",
        "for=\"192.0.2.7:_port\" | 192.0.2.7 0",
        "for=192.0.2.7, for=10.0.0.2 | 192.0.2.7 0",
        "for=198.51.100.1, for=192.0.2.7 | 192.0.2.7 0",
        // a quotation mark that a client leaves open swallows nothing
        "for=\"198.51.100.1, for=192.0.2.7 | 192.0.2.7 0",
        "for=\"198.51.100.1;host=\"a, for=192.0.2.7 | 192.0.2.7 0",
      })
  void forwardedSaysTheSame(String field, String client) {
    assertThat(address(forwarded("Forwarded", field))).isEqualTo(client);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for=unknown",
        "for=_gazonk",
        "for=\"_gazonk:80\"",
        "proto=https",
        "192.0.2.7",
        "for",
        "for=",
        "for=192.0.2.7;for=192.0.2.8",
        "for=192.0.2.7;",
        "for=\"192.0.2.7",
        ""
      })
  void hiddenAndBrokenNodesAreAForwardedRequestOfTheProxys(String field) {
    Client client = forwarded("Forwarded", field);
    assertThat(client.address()).isEqualTo(PROXY);
    assertThat(client.isForwarded()).isTrue();
  }

  @Test
  void nobodyElseIsBelieved() {
    for (ProxyTrust.Header header : ProxyTrust.Header.values()) {
      Client client =
          of(
              STRANGER,
              header,
              "X-Forwarded-For",
              "127.0.0.1",
              "X-Forwarded-Proto",
              "https",
              "Forwarded",
              "for=127.0.0.1;proto=https");
      assertThat(client).isEqualTo(Client.atTheOtherEnd(STRANGER));
    }
  }

  @Test
  void aProxyIsBelievedOnlyTheHeaderThatItSetsItself() {
    assertThat(xForwarded("Forwarded", "for=192.0.2.7")).isEqualTo(Client.atTheOtherEnd(PROXY));
    assertThat(forwarded("X-Forwarded-For", "192.0.2.7")).isEqualTo(Client.atTheOtherEnd(PROXY));
    assertThat(
            of(PROXY, ProxyTrust.Header.PROXY_PROTOCOL, "X-Forwarded-For", "192.0.2.7").address())
        .isEqualTo(PROXY);
  }

  @Test
  void aProxyThatSaysNothingSpeaksForItself() {
    assertThat(xForwarded()).isEqualTo(Client.atTheOtherEnd(PROXY));
    assertThat(forwarded()).isEqualTo(Client.atTheOtherEnd(PROXY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https | true",
        "HTTPS | true",
        "wss | true",
        "http | false",
        "http, https | true",
        "https,http | false",
        "gopher | ",
        "'' | ",
      })
  void theNearestProxySaysWhetherItWasEncrypted(String field, Boolean secure) {
    assertThat(xForwarded("X-Forwarded-For", "192.0.2.7", "X-Forwarded-Proto", field).isSecure())
        .isEqualTo(Optional.ofNullable(secure));
  }

  @Test
  void inForwardedTheProxyNextToTheClientSaysWhetherItWasEncrypted() {
    assertThat(
            forwarded(
                    "Forwarded",
                    "for=a;proto=http, for=192.0.2.7;proto=https, for=10.1.1.1;proto=http")
                .isSecure())
        .contains(true);
    assertThat(forwarded("Forwarded", "for=192.0.2.7, for=10.1.1.1;proto=https").isSecure())
        .contains(true);
    assertThat(forwarded("Forwarded", "for=192.0.2.7").isSecure()).isEmpty();
  }

  @Test
  void aListOfAnyLengthIsReadFromItsEnd() {
    String list = "1.1.1.1,".repeat(100_000) + "192.0.2.7";
    assertThat(address(xForwarded("X-Forwarded-For", list))).isEqualTo("192.0.2.7 0");
  }
}
