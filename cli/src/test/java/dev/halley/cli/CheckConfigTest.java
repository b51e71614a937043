package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckConfigTest {
  private static final String SECRET = "a secret of no less than thirty-two bytes";

  @TempDir private Path directory;

  private static String setting(CommandRun run, String key) {
    return run.out().stream()
        .filter(line -> line.startsWith(key + " "))
        .findFirst()
        .orElseThrow()
        .replaceAll(" {2,}", "|");
  }

  @Test
  void eachSettingIsThereWithItsOrigin() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("halley.yaml"), "limits:\n  payload: 64KiB\nhost: 0.0.0.0\n");

    CommandRun run =
        CommandRun.of(
            Map.of("HALLEY_API_KEY", "sesame", "HALLEY_JWT_SECRET", SECRET, "HALLEY_HOST", "::1"),
            "",
            "check-config",
            "--port",
            "9000",
            "--config",
            file.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(setting(run, "port")).isEqualTo("port|9000|--port");
    assertThat(setting(run, "host")).isEqualTo("host|::1|HALLEY_HOST");
    assertThat(setting(run, "limits.payload"))
        .isEqualTo("limits.payload|64KiB|" + file + ": limits.payload");
    assertThat(setting(run, "heartbeat")).isEqualTo("heartbeat|25s|default");
    assertThat(setting(run, "tls.cert")).isEqualTo("tls.cert|none|default");
    assertThat(setting(run, "api-key")).isEqualTo("api-key|(not shown)|HALLEY_API_KEY");
    assertThat(setting(run, "jwt.secret")).isEqualTo("jwt.secret|(not shown)|HALLEY_JWT_SECRET");
    assertThat(String.join("\n", run.out())).doesNotContain(SECRET).doesNotContain("sesame");
    assertThat(
            run.out().stream()
                .filter(
                    line ->
                        Settings.all().stream().anyMatch(it -> line.startsWith(it.key() + " "))))
        .hasSizeGreaterThanOrEqualTo(Settings.all().size());
  }

  @Test
  void eachPatternSaysWhatItPermits() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("halley.yaml"),
            """
            api-key: sesame
            jwt.secret: "a secret of no less than thirty-two bytes"
            policies:
              - {channels: "news.*", subscribe: anyone, publish: key, overflow: latest}
              - channels: "open.*"
                publish: anyone
                presence: true
                payload: 1KiB
                rate: {per-channel: 10/s}
            """);

    CommandRun run = CommandRun.of("check-config", "--config", file.toString());

    assertThat(run.out())
        .contains(
            "news.*: listening needs nothing, publishing needs the API key, at most 1048576 bytes"
                + " each; overflow latest",
            "open.*: listening needs a token, publishing needs nothing, 10 in 1 s on each channel,"
                + " at most 1024 bytes each; overflow gap; presence",
            "*: listening needs a token, publishing needs a token, at most 1048576 bytes each;"
                + " overflow gap",
            "listening needs a token, publishing needs a token, where no policy says otherwise",
            "WARNING: a policy lets anybody who can reach this port publish on open.*.");
  }

  @Test
  void presenceOfPeopleWithoutNamesIsWarnedOf() {
    String warning =
        "WARNING: a policy wants presence, but without tokens and web hooks nobody has a name:"
            + " who listens is only counted.";
    assertThat(CommandRun.of("check-config", "--presence-everywhere").out()).contains(warning);
    assertThat(CommandRun.of("check-config", "--presence-everywhere", "--jwt-secret", SECRET).out())
        .doesNotContain(warning);
    assertThat(CommandRun.of("check-config").out()).doesNotContain(warning);
  }

  @Test
  void webHooksAreExplained() {
    CommandRun run =
        CommandRun.of(
            Map.of("HALLEY_HOOKS_SECRET", SECRET),
            "",
            "check-config",
            "--hooks-url",
            "http://127.0.0.1:3000/halley",
            "--hooks-events",
            "publish,subscribe");
    assertThat(run.exitCode()).isZero();
    assertThat(setting(run, "hooks.secret"))
        .isEqualTo("hooks.secret|(not shown)|HALLEY_HOOKS_SECRET");
    assertThat(setting(run, "hooks.events"))
        .isEqualTo("hooks.events|publish,subscribe|--hooks-events");
    assertThat(String.join("\n", run.out()))
        .contains("listening needs the application's yes, publishing needs the application's yes")
        .doesNotContain(SECRET)
        .doesNotContain("WARNING: hooks", "WARNING: no API key");

    CommandRun plain =
        CommandRun.of(
            "check-config", "--hooks-url", "http://app:3000/", "--hooks-plain-http", "true");
    assertThat(plain.out())
        .anyMatch(line -> line.startsWith("WARNING: hooks.url is http of another machine"))
        .anyMatch(line -> line.startsWith("WARNING: hooks.secret isn't set"));

    for (String[] wrong :
        new String[][] {
          {"--hooks-url", "http://app:3000/"},
          {"--hooks-secret", SECRET},
          {"--hooks-url", "http://127.0.0.1/", "--hooks-events", "speak"},
          {"--hooks-url", "http://127.0.0.1/", "--hooks-timeout", "30s"},
        }) {
      List<String> arguments = new ArrayList<>(List.of("check-config"));
      arguments.addAll(List.of(wrong));
      assertThat(CommandRun.of(arguments.toArray(new String[0])).exitCode())
          .isEqualTo(CommandException.USAGE);
    }
  }

  @Test
  void whatServeWouldRefuseIsRefused() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("halley.yaml"), "policies: [{channels: \"a\", subscribe: token}]\n");

    CommandRun run = CommandRun.of("check-config", "--config", file.toString());

    assertThat(run.exitCode()).isEqualTo(CommandException.USAGE);
    assertThat(run.err())
        .containsExactly(
            "halley: a rule of the settings is broken: the policy for a asks for a token: set what"
                + " tokens are signed with");
    assertThat(CommandRun.of("check-config", "--admin", "on", "--host", "0.0.0.0").err())
        .containsExactly(
            "halley: admin: on needs an API key where the server doesn't listen on a loopback"
                + " address");
  }
}
