package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "serve --prot 1|unknown flag --prot; did you mean --port? (halley serve --help lists what there is)",
        "serve --port|--port wants a value: PORT (halley serve --help lists what there is)",
        "serve --port 70000|--port: \"70000\" is not a port from 0 to 65535",
        "serve --port=x|--port: \"x\" is not a port from 0 to 65535",
        "serve --port 1 --port 2|--port is there twice",
        "serve --heartbeat 25|--heartbeat: \"25\" is not a duration such as 500ms, 30s, 10m, 1h or 2d",
        "serve --limits-payload 1MB|--limits-payload: \"1MB\" is not a size below 2GiB such as 65536, 64KiB or 1MiB",
        "serve --limits-payload 4GiB|--limits-payload: \"4GiB\" is not a size below 2GiB such as 65536, 64KiB or 1MiB",
        "serve --io fast|--io: \"fast\" is not one of auto, io_uring, epoll, nio",
        "serve --echo echo|--echo: \"echo\" is not a path that begins with /",
        "serve --silence-timeout 1s|a rule of the settings is broken: silence is longer than heartbeat",
        "serve now|serve doesn't take \"now\" (halley serve --help lists what there is)",
        "serv|unknown command serv; did you mean serve? (halley --help lists what there is)",
        "publish|CHANNEL is missing (halley publish --help lists what there is)",
        "publish a,b hi|publish takes one channel",
        "publish a/b hi|\"a/b\": A channel's name is 1 to 255 of A-Z a-z 0-9 . _ ~ : -",
        "publish a hi --type xml|--type: \"xml\" is not one of text, json, binary",
        "publish a ! --type binary|a binary message is written in base64",
        "publish a hi --url ftp://x|--url: \"ftp://x\" is not a URL such as http://127.0.0.1:8080",
        "subscribe a,a|subscribe takes each channel once",
        "subscribe a --since x:1,y:1|--since has one position, or one for each channel",
        "bench --only echo,fan|--only: \"fan\" is not one of echo, fanout, idle, resume, stall",
        "bench --subscribers 0|--subscribers: \"0\" is not a number from 1 to 1000000",
        "bench --url https://127.0.0.1|bench takes a URL such as http://127.0.0.1:8080",
        "tap|tap wants either --to HOST:PORT or --read FILE",
        "tap --to h:1 --read f|tap wants either --to HOST:PORT or --read FILE",
        "tap --to http://a/b|--to: \"http://a/b\" is not a server such as localhost:8080 or https://example.org",
        "tap --to h:99999|--to: \"99999\" is not a port from 0 to 65535",
        "tap --to h:1 --listen x|--listen: \"x\" is not a port from 0 to 65535",
        "tap --to h:1 --only txet|--only: \"txet\" is not one of open, request, response, body, sse, handshake, http2, frame, text, binary, continuation, ping, pong, close, notice, end, error",
        "tap --to h:1 --grep (|--grep: Unclosed group: (",
        "tap --to h:1 --cut 10|--cut: at least 128 bytes are kept",
        "tap --to h:1 --colour red|--colour: \"red\" is not one of auto, always, never",
        "token|say what it allows: --subscribe CHANNEL, --publish CHANNEL, or both",
        "token --subscribe a|there is no secret to sign with: set HALLEY_JWT_SECRET, or name the server's file with --config",
        "token --subscribe a --secret short|a JWT secret has at least 32 bytes; openssl rand -base64 32 makes one",
        "token --subscribe r*m|--subscribe: \"r*m\": a pattern is a channel's name, or its beginning and a * at the end",
        "token --subscribe a --exp 1|--exp: \"1\" is not a duration such as 500ms, 30s, 10m, 1h or 2d",
        "check-config --prot 1|unknown flag --prot; did you mean --port? (halley check-config --help lists what there is)",
        "check-config --silence-timeout 1s|a rule of the settings is broken: silence is longer than heartbeat",
        "subscribe a --limit 0|--limit: \"0\" is not a number from 1 to 2147483647",
      })
  void aWrongCommandLineIsOneLineThatSaysWhatToChange(String arguments, String line) {
    CommandRun run = CommandRun.of(arguments.split(" ", -1));

    assertThat(run.err()).containsExactly("halley: " + line);
    assertThat(run.out()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(CommandException.USAGE);
  }

  @Test
  void nothingSaysWhatThereIsToDo() {
    assertThat(CommandRun.of().err())
        .containsExactly(
            "halley: say what to do: serve, demo, publish, subscribe, token, check-config, bench,"
                + " tap"
                + " (halley --help tells more)");
  }

  @Test
  void anUnknownVariableIsNamed() {
    CommandRun run = CommandRun.of(Map.of("HALLEY_PRT", "1"), "", "serve");

    assertThat(run.err())
        .containsExactly(
            "halley: unknown environment variable HALLEY_PRT; did you mean HALLEY_PORT?");
    assertThat(run.exitCode()).isEqualTo(CommandException.USAGE);
  }

  @Test
  void theApiKeyIsNotPrintedWhenItCannotBeSent() {
    CommandRun run = CommandRun.of("publish", "a", "hi", "--api-key", "sec\nret");

    assertThat(run.err())
        .containsExactly("halley: the API key has characters that a header can't carry");
  }

  @Test
  void helpListsEachSetting() {
    CommandRun run = CommandRun.of("serve", "--help");

    assertThat(run.exitCode()).isZero();
    for (Setting<?> setting : Settings.all()) {
      assertThat(run.out())
          .anyMatch(
              line -> line.contains(setting.flag() + "=") || line.contains(setting.flag() + "[="));
    }
  }

  @Test
  void aSwitchAloneIsOn() {
    assertThat(
            CommandRun.of("serve", "--tls-self-signed", "--tls-cert", "a", "--tls-key", "b").err())
        .containsExactly(
            "halley: a rule of the settings is broken: tls.self-signed is given without tls.cert");
    assertThat(CommandRun.of("serve", "--tls-self-signed=maybe").err())
        .containsExactly("halley: --tls-self-signed: \"maybe\" is not true or false");
  }

  @Test
  void helpOfHalleyListsTheCommandsAndHidesTraining() {
    assertThat(String.join("\n", CommandRun.of("--help").out()))
        .contains("serve", "publish", "subscribe", "bench", "tap")
        .doesNotContain("train");
  }

  @Test
  void plainFlagsMeanTheSameAsToPicocli() {
    assertThat(ServeFlags.readPlain("serve", "--port", "1", "--host=h", "--config", "f"))
        .hasValueSatisfying(
            flags -> {
              assertThat(flags.settings())
                  .isEqualTo(Map.of(Settings.PORT, "1", Settings.HOST, "h"));
              assertThat(flags.config()).contains("f");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "serve --help",
    "serve --port",
    "serve --port --host",
    "serve --port 1 --port 2",
    "serve --prot 1",
    "serve now",
    "publish a",
  })
  void whatIsNotPlainIsLeftToPicocli(String arguments) {
    assertThat(ServeFlags.readPlain(arguments.split(" ", -1))).isEmpty();
  }
}
