package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TapTest {
  /** Of the inspector's own tests: a conversation of other software. */
  private static final Path CAPTURE =
      Path.of("../inspector/src/test/resources/dev/halley/inspector/ws.pcapng");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "8080, localhost, 8080, false",
    "localhost:8080, localhost, 8080, false",
    "http://h, h, 80, false",
    "ws://h:1/, h, 1, false",
    "https://example.org, example.org, 443, true",
    "wss://[::1]:8443, ::1, 8443, true",
  })
  void aServerIsNamedAsPeopleDo(String text, String host, int port, boolean tls) {
    assertThat(TapTarget.of(text)).isEqualTo(new TapTarget(host, port, tls));
  }

  @Test
  void aPortAloneIsOfTheLoopbackAddress() {
    assertThat(TapTarget.address("--listen", "9000").getAddress().isLoopbackAddress()).isTrue();
    assertThat(TapTarget.address("--listen", "0.0.0.0:9000").getHostString()).isEqualTo("0.0.0.0");
    assertThat(TapTarget.address("--listen", "[::1]:9000").getPort()).isEqualTo(9000);
  }

  @Test
  void aCaptureIsShownALineAnEventAndWithoutColoursWhereNobodyLooks() {
    CommandRun run = CommandRun.of("tap", "--read", CAPTURE.toString(), "--only", "close");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .hasSize(2)
        .allMatch(line -> line.endsWith("4001 (of the application) \"thanks, 再见\""))
        .noneMatch(line -> line.contains("\u001b"));
  }

  @Test
  void coloursCanBeHadAnyway() {
    List<String> lines =
        CommandRun.of("tap", "--read", CAPTURE.toString(), "--colour", "always").out();

    assertThat(lines).allMatch(line -> line.contains("\u001b["));
  }

  @Test
  void aCopyOfACaptureHasNoCredentials() throws IOException {
    Path copy = directory.resolve("copy.pcapng");

    CommandRun run =
        CommandRun.of("tap", "--read", CAPTURE.toString(), "--pcapng", copy.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(Files.readAllBytes(copy)).hasSizeGreaterThan(1000);
    assertThat(CommandRun.of("tap", "--read", copy.toString(), "--show-secrets").out())
        .anyMatch(line -> line.contains("/talk?token=******"));
  }

  @Test
  void whatIsNoCaptureIsOneLine() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "this is a text and no capture");

    CommandRun run = CommandRun.of("tap", "--read", text.toString());

    assertThat(run.err()).containsExactly("halley: " + text + ": neither pcap nor pcapng");
    assertThat(run.exitCode()).isEqualTo(CommandException.FAILURE);
  }
}
