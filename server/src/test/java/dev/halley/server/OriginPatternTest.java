package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an entry of {@code allow-origin} means, and what it can't. */
class OriginPatternTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://app.example.org | https://app.example.org",
        "https://app.example.org/ | https://app.example.org",
        "HTTPS://App.Example.ORG | https://app.example.org",
        "https://app.example.org:443 | https://app.example.org",
        "http://app.example.org:80/ | http://app.example.org",
        "https://app.example.org:80 | https://app.example.org:80",
        "https://bücher.example | https://xn--bcher-kva.example",
        "https://BÜCHER.example:8443/ | https://xn--bcher-kva.example:8443",
        "https://*.bücher.example | https://*.xn--bcher-kva.example",
        "http://192.0.2.7:8080 | http://192.0.2.7:8080",
        "http://[2001:DB8:0:0:0:0:0:1]:8080 | http://[2001:db8::1]:8080",
        "http://[::1]:* | http://[::1]:*",
        "http://localhost:* | http://localhost:*",
        "https://*.example.org:443 | https://*.example.org",
        "capacitor://localhost | capacitor://localhost",
        "chrome-extension://abcdefghijklmnop | chrome-extension://abcdefghijklmnop",
        "* | *",
      })
  void whatIsMeantIsWrittenAsABrowserWritesIt(String entry, String origin) {
    assertThat(OriginPattern.parse(entry)).hasToString(origin);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app.example.org | write https://app.example.org",
        "localhost:3000 | write https://localhost:3000",
        "//app.example.org | lacks its scheme",
        "https://app.example.org/app | write https://app.example.org",
        "https://app.example.org?x | write https://app.example.org",
        "https://ann@app.example.org | write https://app.example.org",
        "wss://app.example.org | write that of the page, https://app.example.org",
        "ws://localhost | http://localhost",
        "null | is no origin",
        "'' | is no origin",
        "file:///home | is no origin",
        "https:// | no name",
        "https://app.example.org:0 | 1 to 65535",
        "https://app.example.org:65536 | 1 to 65535",
        "https://app.example.org:* | name the port",
        "https://*.example.org:* | name the port",
        "https://app*.example.org | stands for subdomains",
        "https://app.*.org | stands for subdomains",
        "https://* | stands for subdomains",
        "https://*.org | top-level domain",
        "https://app..example.org | no name",
        "https://a b.example.org | no name",
        "http://127.1 | no name or address",
        "http://*.0.0.1 | no name or address",
        "http://[::x] | no IPv6 address",
        "https://straße.example | xn--",
      })
  void whatCantBeMeantIsRefusedWithTheRightForm(String entry, String said) {
    assertThatThrownBy(() -> OriginPattern.parse(entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("allow-origin: \"" + entry + "\" ")
        .hasMessageContaining(said)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aStarIsAllSubdomainsAndNotTheDomain() {
    OriginPattern pattern = OriginPattern.parse("https://*.example.org");
    assertThat(pattern.matches("https://a.example.org")).isTrue();
    assertThat(pattern.matches("https://a.b-c.example.org")).isTrue();
    for (String other :
        new String[] {
          "https://example.org",
          "https://.example.org",
          "https://badexample.org",
          "http://a.example.org",
          "https://a.example.org:8443",
          "https://a.example.org.evil.org",
          "https://evil.org/.example.org",
          "https://evil.org:1.example.org",
          "https://a@b.example.org",
          "https://..example.org",
          "null"
        }) {
      assertThat(pattern.matches(other)).as(other).isFalse();
    }
  }

  @Test
  void aStarIsAnyPortOfThisMachine() {
    OriginPattern pattern = OriginPattern.parse("http://localhost:*");
    assertThat(pattern.matches("http://localhost")).isTrue();
    assertThat(pattern.matches("http://localhost:5173")).isTrue();
    for (String other :
        new String[] {
          "https://localhost:5173",
          "http://localhost.evil.org",
          "http://localhost:5173.evil.org",
          "http://localhost:",
          "http://localhost:x",
          "http://127.0.0.1:5173"
        }) {
      assertThat(pattern.matches(other)).as(other).isFalse();
    }
  }

  @Test
  void oneOriginIsThatOne() {
    OriginPattern pattern = OriginPattern.parse("https://app.example.org");
    assertThat(pattern.matches(OriginPattern.normalize("https://APP.example.org:443"))).isTrue();
    assertThat(pattern.matches("https://app.example.org:8443")).isFalse();
    assertThat(pattern.matches("https://app.example.org.evil.org")).isFalse();
  }
}
