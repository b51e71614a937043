package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.server.HooksConfig.Tries;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HooksConfigTest {
  @Test
  void theUrlIsHttpsOrOfThisMachineUnlessSaidOtherwise() {
    for (String good :
        List.of(
            "https://app.example.org/h",
            "http://127.0.0.1:1",
            "http://[::1]/",
            "http://localhost")) {
      assertThat(HooksConfig.of(URI.create(good)).isReadable()).isFalse();
    }
    for (String bad :
        List.of(
            "http://app.example.org/h",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.org/",
            "http://localhost.example.org/",
            "ftp://127.0.0.1/",
            "/h",
            "https:///h",
            "https://ann:pw@app.example.org/",
            "https://app.example.org/#h")) {
      assertThatThrownBy(() -> HooksConfig.of(URI.create(bad)))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("hooks.url ");
    }
    HooksConfig plain = plain("http://app:3000/h");
    assertThat(plain.isReadable()).isTrue();
    assertThatThrownBy(() -> plain("ftp://app/")).hasMessageStartingWith("hooks.url is the URL");
  }

  private static HooksConfig plain(String url) {
    HooksConfig like = HooksConfig.of(URI.create("https://app.example.org"));
    return new HooksConfig(
        URI.create(url),
        true,
        like.events(),
        like.headers(),
        like.secret(),
        like.tries(),
        like.bounds(),
        like.circuit());
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    HooksConfig good = HooksConfig.of(URI.create("https://app.example.org"));
    assertThatThrownBy(() -> good.withSecret("short")).hasMessageContaining("at least 32 bytes");
    assertThatThrownBy(() -> good.withEvents(Set.of())).hasMessageContaining("at least one event");
    assertThatThrownBy(() -> new Tries(Duration.ofSeconds(11), 1))
        .hasMessage("hooks.timeout times all tries is at most 20s");
  }
}
