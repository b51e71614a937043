package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code allow-origin}, {@code allow-host} and {@code dev} mean for the operator. */
class OriginSettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example.org/",
        "HTTPS://APP.example.org:443",
        "https://*.example.org",
        "http://localhost:*",
        "https://bücher.example",
        "*"
      })
  void whatIsMeantIsTaken(String origin) {
    CommandRun run = CommandRun.of("check-config", "--allow-origin", origin);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app.example.org",
        "https://app.example.org/x",
        "http://app.example.org:*",
        "null"
      })
  void whatCantBeMeantIsOneLineWithTheRightForm(String origin) {
    CommandRun run = CommandRun.of("check-config", "--allow-origin", origin);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).singleElement().asString().contains("\"" + origin + "\"");
  }

  @Test
  void aNameOfAHostIsOne() {
    CommandRun run = CommandRun.of("check-config", "--allow-host", "https://push.example.org");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).singleElement().asString().contains("push.example.org");
  }

  @Test
  void forDevelopingPagesOfThisMachineAreAllowedAndItIsSaid() {
    CommandRun run = CommandRun.of("check-config", "--dev");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).anyMatch(it -> it.startsWith("WARNING: pages of this machine"));
    assertThat(CommandRun.of("check-config").out())
        .noneMatch(it -> it.contains("of this machine may"));
  }

  @Test
  void forDevelopingIsForALoopbackAddress() {
    for (String host : new String[] {"0.0.0.0", "192.0.2.1", "::"}) {
      CommandRun run = CommandRun.of("check-config", "--dev", "--host", host);
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err())
          .singleElement()
          .asString()
          .contains("--allow-origin http://localhost:*,http://127.0.0.1:*");
    }
  }
}
