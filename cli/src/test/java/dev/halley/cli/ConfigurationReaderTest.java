package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.ChannelPolicy;
import dev.halley.server.Permission;
import dev.halley.server.Rate;
import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
  @TempDir private Path directory;

  private static Configuration read(
      Map<Setting<?>, String> flags, Map<String, String> environment, Optional<String> file) {
    return ConfigurationReader.read(flags, environment, file);
  }

  private String file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("halley.yaml"), yaml).toString();
  }

  private void assertRefused(String yaml, String line) throws IOException {
    String file = file(yaml);
    assertThatThrownBy(() -> read(Map.of(), Map.of(), Optional.of(file)))
        .isInstanceOf(CommandException.class)
        .hasMessage(file + line);
  }

  @Test
  void theDefaultsAreThoseOfTheServerAndTheBroker() {
    Configuration defaults = read(Map.of(), Map.of(), Optional.empty());

    assertThat(defaults.server()).isEqualTo(ServerConfig.defaults());
    assertThat(defaults.broker()).isEqualTo(MemoryBroker.Config.defaults());
  }

  @Test
  void aFlagBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefault() throws IOException {
    String file = file("port: 1\nhost: file\nthreads: 3\n");

    Configuration configuration =
        read(
            Map.of(Settings.PORT, "3"),
            Map.of("HALLEY_PORT", "2", "HALLEY_HOST", "environment"),
            Optional.of(file));

    assertThat(configuration.get(Settings.PORT)).isEqualTo(3);
    assertThat(configuration.get(Settings.HOST)).isEqualTo("environment");
    assertThat(configuration.get(Settings.THREADS)).isEqualTo(3);
    assertThat(configuration.get(Settings.HEARTBEAT)).isEqualTo(Duration.ofSeconds(25));
  }

  @Test
  void theFileHasNestedMapsDottedKeysAndLists() throws IOException {
    String file =
        file(
            """
            limits:
              connections: 1_000
              payload: 64KiB
            limits.request-body: 1MiB
            history: {age: 500ms, bytes: 4GiB}
            allow-origin:
              - https://a.example
              - https://b.example
            api-key: "0123"
            """);

    Configuration configuration = read(Map.of(), Map.of(), Optional.of(file));

    assertThat(configuration.get(Settings.CONNECTIONS)).isEqualTo(1000);
    assertThat(configuration.get(Settings.PAYLOAD)).isEqualTo(64 << 10);
    assertThat(configuration.get(Settings.REQUEST_BODY)).isEqualTo(1 << 20);
    assertThat(configuration.get(Settings.HISTORY_AGE)).isEqualTo(Duration.ofMillis(500));
    assertThat(configuration.get(Settings.HISTORY_BYTES)).isEqualTo(4L << 30);
    assertThat(configuration.get(Settings.ALLOW_ORIGIN))
        .isEqualTo(List.of("https://a.example", "https://b.example"));
    assertThat(configuration.get(Settings.API_KEY)).contains("0123");
  }

  @Test
  void scalarsAreReadAsTheyAreWritten() throws IOException {
    Configuration configuration =
        read(Map.of(), Map.of(), Optional.of(file("api-key: 0o17\nhost: 127.0.0.1\n")));

    assertThat(configuration.get(Settings.API_KEY)).contains("0o17");
  }

  @Test
  void theEnvironmentMayNameTheFile() throws IOException {
    Configuration configuration =
        read(Map.of(), Map.of("HALLEY_CONFIG", file("port: 5")), Optional.empty());

    assertThat(configuration.get(Settings.PORT)).isEqualTo(5);
  }

  @Test
  void anEmptyFileSetsNothing() throws IOException {
    assertThat(read(Map.of(), Map.of(), Optional.of(file("# nothing\n"))).get(Settings.PORT))
        .isEqualTo(8080);
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestOne() throws IOException {
    assertRefused(
        "limits:\n  conections: 5\n",
        ": unknown key limits.conections; did you mean limits.connections?");
    assertRefused(
        "connections: 5\n", ": unknown key connections; did you mean limits.connections?");
    assertRefused("colour: red\n", ": unknown key colour");
  }

  @Test
  void aWrongValueIsNamed() throws IOException {
    assertRefused("port: 99999\n", ": port: \"99999\" is not a port from 0 to 65535");
    assertRefused("port:\n", ": port is empty: give it a value or leave it out");
    assertRefused("host: [a: b]\n", ":1: host is a list of plain values");
  }

  @Test
  void aKeyIsThereOnce() throws IOException {
    assertRefused("limits: {payload: 1}\nlimits.payload: 2\n", ":2: limits.payload is there twice");
  }

  @Test
  void whatIsNoMapIsRefused() throws IOException {
    assertRefused("- port\n", ":1: the file is a map from settings to values");
  }

  @Test
  void whatIsNoYamlIsRefusedInOneLine() throws IOException {
    String file = file("a: b\n c: d: e\n");

    assertThatThrownBy(() -> read(Map.of(), Map.of(), Optional.of(file)))
        .isInstanceOf(CommandException.class)
        .hasMessageStartingWith(file + ":2: not YAML: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    String missing = directory.resolve("missing.yaml").toString();

    assertThatThrownBy(() -> read(Map.of(), Map.of(), Optional.of(missing)))
        .hasMessage(missing + ": there is no such file: name another with --config");
    assertThatThrownBy(() -> read(Map.of(), Map.of(), Optional.of(directory.toString())))
        .hasMessage(directory + ": can't be read: Is a directory");
  }

  @Test
  void anEmptyVariableIsAnErrorAndNotAnOpenServer() {
    assertThatThrownBy(() -> read(Map.of(), Map.of("HALLEY_API_KEY", ""), Optional.empty()))
        .hasMessage("HALLEY_API_KEY is empty: give it a value or leave it out");
  }

  @Test
  void othersVariablesAreLeftAlone() {
    Map<String, String> environment =
        Map.of(
            "HALLEY_JAVA_OPTS", "-Xmx1g",
            "HALLEY_CACHE_DIR", "/var/cache/halley",
            "HALLEY_URL", "http://x",
            "HALLEY_TOKEN", "x",
            "PATH", "/bin");

    assertThat(read(Map.of(), environment, Optional.empty()).get(Settings.PORT)).isEqualTo(8080);
  }

  @Test
  void theFileHasPoliciesAsAListOfMaps() throws IOException {
    String file =
        file(
            """
            api-key: secret
            history: {publications: 7}
            policies:
              - channels: "room.*"
                subscribe: anyone
                publish: key
                history: {publications: 100, bytes: 1MiB, age: 2h}
                overflow: latest
                payload: 64KiB
                rate: {per-connection: 10/s, per-channel: 6_000/m}
                presence: true
              - channels: lobby
            port: 5
            """);

    Configuration configuration = read(Map.of(), Map.of(), Optional.of(file));

    assertThat(configuration.server().policies())
        .containsExactly(
            new ChannelPolicy(
                "room.*",
                Optional.of(Permission.ANYONE),
                Optional.of(Permission.KEY),
                new ChannelPolicy.History(
                    Optional.of(100), Optional.of(1L << 20), Optional.of(Duration.ofHours(2))),
                Optional.of(ServerConfig.Overflow.LATEST),
                Optional.of(64 << 10),
                new ChannelPolicy.Rates(
                    Optional.of(Rate.perSecond(10)),
                    Optional.of(new Rate(6_000, Duration.ofMinutes(1)))),
                Optional.of(true)),
            ChannelPolicy.of("lobby"));
    assertThat(configuration.history().apply("room.1"))
        .isEqualTo(new HistoryLimits(100, 1 << 20, Duration.ofHours(2)));
    assertThat(configuration.history().apply("lobby").publications()).isEqualTo(7);
    assertThat(configuration.get(Settings.PORT)).isEqualTo(5);
  }

  @Test
  void whatIsWrongWithAPolicyIsNamedWithItsEntry() throws IOException {
    assertRefused(
        "policies:\n- channels: a\n- {channels: 'b.*', overflw: gap}\n",
        ": policies: entry 2 (b.*): unknown key overflw; did you mean overflow?");
    assertRefused(
        "policies: [{channels: a, history: {age: 5}}]",
        ": policies: entry 1 (a): history.age: \"5\" is not a duration such as 500ms, 30s, 10m, 1h"
            + " or 2d");
    assertRefused(
        "policies: [{channels: a, rate: {per-channel: fast}}]",
        ": policies: entry 1 (a): rate.per-channel: \"fast\" is not a rate such as 10/s, 600/m or"
            + " 1_000/h");
    assertRefused(
        "policies: [{channels: a, payload: }]",
        ": policies: entry 1 (a): payload is empty: give it a value or leave it out");
    assertRefused(
        "policies: [{channels: 'a*b'}]",
        ": policies: entry 1 (a*b): a pattern is a channel's name, or its beginning and a * at the"
            + " end");
    assertRefused(
        "policies: [{payload: 5}]",
        ": policies: entry 1 (no channels): say for which channels: room.42 or room.*");
    assertRefused(
        "policies: [{channels: 'a.*'}, {channels: a.b}]",
        ": policies: the policy for a.b is never used, for the one for a.* comes first: put it"
            + " before that one");
  }

  @Test
  void policiesAreAListOfMaps() throws IOException {
    String rule = ": policies is a list of maps, each with its channels";
    assertRefused("policies:\n", ":1" + rule);
    assertRefused("port: 5\npolicies: {channels: a}\n", ":2" + rule);
    assertRefused("policies:\n- a\n", ":2" + rule);
  }

  @Test
  void aPolicysPayloadFitsARequest() throws IOException {
    Configuration configuration =
        read(Map.of(), Map.of(), Optional.of(file("policies: [{channels: a, payload: 1GiB}]")));

    assertThatThrownBy(configuration::server)
        .hasMessage(
            "a rule of the settings is broken: the payload of the policy for a is at most"
                + " request-body");
  }

  @Test
  void aListInAVariableIsSeparatedByCommas() {
    Configuration configuration =
        read(
            Map.of(),
            Map.of("HALLEY_ALLOW_ORIGIN", "https://a.example, https://b.example"),
            Optional.empty());

    assertThat(configuration.get(Settings.ALLOW_ORIGIN))
        .isEqualTo(List.of("https://a.example", "https://b.example"));
  }
}
