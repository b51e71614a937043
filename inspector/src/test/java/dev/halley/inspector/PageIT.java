package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page in Chromium; its pictures are left in the build's directory. */
@Tag("unprivileged")
@Timeout(300)
class PageIT {
  private static final Path BUILD =
      Path.of(System.getProperty("halley.build", "target")).toAbsolutePath();
  private static final Path JS =
      Path.of(System.getProperty("halley.js", "src/test/js")).toAbsolutePath();

  @BeforeAll
  static void installPackages() throws Exception {
    Path directory = Files.createDirectories(BUILD.resolve("js"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(JS, Files::isRegularFile)) {
      for (Path file : files) {
        Path copy = directory.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Process npm = start(directory, "npm", "ci", "--ignore-scripts", "--prefer-offline");
    assertThat(npm.waitFor(180, TimeUnit.SECONDS)).isTrue();
    assertThat(npm.exitValue()).isZero();
  }

  private static Process start(Path directory, String... command) throws IOException {
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void aFrameIsDrawnItsFieldsLightTheirBytesAndTheHandshakeIsExplained() throws Exception {
    Path screenshots = Files.createDirectories(BUILD.resolve("screenshots"));
    TapLog log = new TapLog(1000, 1 << 20);
    Path capture = Path.of(PageIT.class.getResource("ws.pcapng").toURI());
    Capture.read(capture, log, 4096, false, Optional.empty());
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (TapPage page = TapPage.start(anywhere, log, () -> 0)) {
      String url = "http://127.0.0.1:" + page.address().getPort() + "/";
      Process script = start(BUILD.resolve("js"), "node", "page.mjs", url, screenshots.toString());
      try (BufferedReader lines = script.inputReader(UTF_8)) {
        List<String> found = until(lines, "ready");
        assertThat(found)
            .containsExactly(
                "key lights [ 'b1', '5b', 'f0', 'a2' ]",
                "in 1 cells",
                "the first byte lights [ 'FIN', 'RSV1', 'RSV2', 'RSV3', 'opcode: binary' ]",
                "focus says MASK: 1 if the payload is mask",
                "down is at → text 7 B → 5 B",
                "k is at ← WebSocket handshake",
                "✓ The accept is right.",
                "digest 3772fdc3e9f8a63b9171cbe40efffcd5ee85b0c7",
                "✓ accept 正确。 zh-CN",
                "control 4",
                "found 2",
                "ready");
        log.append(new TapEvent.Opened(99, 1, "<b>client</b>", "server"));
        log.append(coded("decoded"));
        log.append(
            new TapEvent.Notice(
                99, 2, Direction.TO_CLIENT, "<b>x</b>", List.of(new Breach("A rule.", "A text"))));
        assertThat(until(lines, "phone"))
            .containsExactly(
                "live ✗ A rule.",
                "coded ← body 30 B gzip → 7 B",
                "decoded decoded",
                "markup 0",
                "phone is 390 wide");
        assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).isZero();
      } finally {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
      }
    }
    for (String name : new String[] {"desktop", "dark", "phone"}) {
      assertThat(screenshots.resolve(name + ".png")).isNotEmptyFile();
    }
  }

  private static TapEvent coded(String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return new TapEvent.Body(
        99,
        2,
        Direction.TO_CLIENT,
        1,
        "/",
        Snippet.of(bytes, bytes.length),
        "text/plain",
        Optional.of(new TapEvent.ContentCoding("gzip", 30, TapEvent.CodingOutcome.DECODED)),
        true,
        List.of());
  }

  private static List<String> until(BufferedReader lines, String start) throws IOException {
    List<String> found = new ArrayList<>();
    String line;
    do {
      line = lines.readLine();
      assertThat(line).as("the script ended early, after %s", found).isNotNull();
      found.add(line);
    } while (!line.startsWith(start));
    return found;
  }
}
