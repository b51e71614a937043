package dev.halley.inspector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A capture that other software made: {@code ws} of Node.js on both ends, recorded by tshark. */
class RecordedTest {
  @TempDir private Path directory;

  private static Path capture() {
    try {
      return Path.of(RecordedTest.class.getResource("ws.pcapng").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> shown(Path file, TapFilter filter, boolean verbose) throws Exception {
    TapLog log = new TapLog(1000, 1 << 20);
    Capture.read(file, log, 4096, false, Optional.empty());
    log.end();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TerminalView.Style style = new TerminalView.Style(false, verbose, false, ZoneOffset.UTC);
    PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
    new TerminalView(log, filter, style, stream, () -> 0).run(0);
    return out.toString(StandardCharsets.UTF_8).lines().map(line -> line.substring(19)).toList();
  }

  private static TapFilter only(String kinds) {
    return new TapFilter(TapFilter.only(kinds), Optional.empty(), Optional.empty());
  }

  @Test
  void framesAreShownAsTheyWereSent() throws Exception {
    String same =
        "\"{\"channel\":\"chat\",\"data\":\"the same words again and again, the same words again and"
            + " again\"}\"";
    assertThat(shown(capture(), only("frame"), false))
        .containsSubsequence(
            "→ text   fin rsv=100 key=0c08afa8 7 7 B inflated to 5 B \"hello\"",
            "← text   fin rsv=100 7 7 B inflated to 5 B \"hello\"",
            "→ text   fin rsv=100 key=ddde1cc0 7 58 B inflated to 90 B " + same,
            "→ text   fin rsv=100 key=0a56e290 7 5 B inflated to 90 B " + same,
            "← text   fin rsv=100 7 5 B inflated to 90 B " + same,
            "→ text       key=7df1e629 7 5 B part 1 of text message 4 \"one, \"",
            "→ continuation     key=dd4730c5 7 5 B part 2 of text message 4 \"two, \"")
        .anyMatch(line -> line.startsWith("→ ping   fin key=") && line.endsWith("\"between\""))
        .anyMatch(line -> line.startsWith("→ binary fin key=b15bf0a2 7+16 300 B 00 01 02"))
        .anyMatch(line -> line.matches("← binary fin rsv=100 7 .* B inflated to 66,000 B .*"))
        .anyMatch(line -> line.endsWith("4001 (of the application) \"thanks, 再见\""))
        .noneMatch(line -> line.startsWith("✗"))
        .hasSize(18);
  }

  @Test
  void theHandshakeIsWorkedOutAndCredentialsAreMasked() throws Exception {
    assertThat(shown(capture(), only("request,handshake"), true))
        .contains(
            "→ GET /talk?token=****** HTTP/1.1",
            "Authorization: Bearer ***********",
            "SHA-1     3772fdc3e9f8a63b9171cbe40efffcd5ee85b0c7",
            "accept    N3L9w+n4pjuRccvkDv/81e6FsMc=  the same");
  }

  @Test
  void filtersChooseByKindChannelAndContent() throws Exception {
    Optional<Pattern> between = Optional.of(Pattern.compile("betw"));
    assertThat(shown(capture(), new TapFilter(Set.of(), Optional.empty(), between), false))
        .hasSize(2);
    assertThat(shown(capture(), only("close"), false)).hasSize(2);
    TapFilter chat = new TapFilter(Set.of(), Optional.of("chat"), Optional.empty());
    assertThat(shown(capture(), chat, false)).hasSize(4);
    TapFilter other = new TapFilter(Set.of(), Optional.of("other"), Optional.empty());
    assertThat(shown(capture(), other, false)).isEmpty();
  }

  @Test
  void aCopyHasNoCredentialsAndIsOtherwiseTheSame() throws Exception {
    Path copy = directory.resolve("copy.pcapng");
    try (PcapngFile file = PcapngFile.create(copy, true)) {
      Capture.read(capture(), new TapLog(1000, 1 << 20), 4096, false, Optional.of(file));
    }
    // What was compressed is stars of the same length, which can be inflated.
    assertThat(shown(copy, only("frame"), false).stream().map(RecordedTest::withoutInflated))
        .isEqualTo(
            shown(capture(), only("frame"), false).stream()
                .map(RecordedTest::withoutInflated)
                .toList());
    assertThat(shown(copy, only("frame"), false))
        .contains("→ text   fin rsv=100 key=0c08afa8 7 7 B inflated to 5 B \"*****\"")
        .allMatch(line -> !line.contains("inflated") || line.matches(".*B \"[*]+…?\""));
    assertThat(contains(capture(), "sesame")).isTrue();
    assertThat(contains(copy, "sesame")).isFalse();
  }

  private static String withoutInflated(String line) {
    return line.replaceAll("inflated to .*", "inflated");
  }

  private static boolean contains(Path file, String text) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
  }

  @Test
  void theBitDiagramHasTheFramesOwnBits() throws Exception {
    assertThat(shown(capture(), only("ping"), true))
        .containsSubsequence("+-+-+-+-+-------+-+-------------+-------------------------------+")
        .anyMatch(line -> line.startsWith("|1|0|0|0|1 0 0 1|1|0 0 0 0 1 1 1|"))
        .anyMatch(line -> line.startsWith("|F|1|2|3| ping  |M|   length    |"));
  }
}
