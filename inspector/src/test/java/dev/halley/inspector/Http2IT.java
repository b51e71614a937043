package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 of Node.js on both ends; Wireshark reads the tap's file as the tap has seen it. */
@Timeout(120)
class Http2IT {
  private static final Path JS =
      Path.of(System.getProperty("halley.js", "src/test/js")).toAbsolutePath();

  @TempDir private Path directory;

  @Test
  void theTapAndTsharkOnItsFileAgreeAndNoSecretIsInIt() throws Exception {
    TapLog log = new TapLog(10_000, 1 << 24);
    Path own = directory.resolve("own.pcapng");
    int port = talk(log, own);
    List<TapEvent> seen = log.read(0, 10_000, 0).events();

    assertThat(shown(seen))
        .contains(
            "GET /gzip", "GET /gzip?token=******", "200 /gzip", "again and again", "one", "two")
        .contains("CONNECT /socket", "text hi");
    assertThat(seen.toString()).contains("Bearer ***********").doesNotContain("sesame");
    for (Direction direction : Direction.values()) {
      assertThat(byTshark(own, port, direction))
          .isEqualTo(byTap(seen, direction))
          .hasSizeGreaterThan(8);
    }
    assertThat(String.join("\n", fields(own, port, "http2.header.value")))
        .contains("Bearer ***********", "/gzip?token=******", "/socket")
        .doesNotContain("sesame");
  }

  private static int talk(TapLog log, Path own) throws Exception {
    Process node =
        new ProcessBuilder("node", JS.resolve("http2.mjs").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = node.inputReader(UTF_8)) {
      TapConfig config =
          new TapConfig(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              "127.0.0.1",
              Integer.parseInt(lines.readLine()),
              false,
              false,
              1024,
              false);
      try (PcapngFile file = PcapngFile.create(own, false);
          Tap tap = Tap.start(config, log, Optional.of(file), InstantSource.system())) {
        try (Writer in = node.outputWriter(UTF_8)) {
          in.write(tap.address().getPort() + "\n");
        }
        assertThat(lines.readLine()).startsWith("got ").endsWith(" 22");
        assertThat(lines.readLine()).isEqualTo("frame hi");
        assertThat(node.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return tap.address().getPort();
      }
    } finally {
      node.destroyForcibly();
    }
  }

  private static List<String> shown(List<TapEvent> events) {
    List<String> shown = new ArrayList<>();
    for (TapEvent event : events) {
      switch (event) {
        case TapEvent.Request it -> shown.add(it.method() + " " + it.target());
        case TapEvent.Response it -> shown.add(it.status() + " " + it.target());
        case TapEvent.Body it -> shown.add(it.content().text());
        case TapEvent.ServerSentEvent it -> shown.add(it.data().text());
        case TapEvent.Frame it ->
            shown.add(Names.opcode(it.bits().opcode()) + " " + it.content().text());
        case TapEvent.Opened unused -> {}
        case TapEvent.Handshake unused -> {}
        case TapEvent.Http2Frame unused -> {}
        case TapEvent.Notice unused -> {}
        case TapEvent.Closed unused -> {}
      }
    }
    return shown;
  }

  /** Header blocks are written anew, so the length of what carries them is another. */
  private static String line(String type, String stream, String length) {
    return type + " " + stream + (type.equals("1") ? "" : " " + length);
  }

  private static List<String> byTap(List<TapEvent> events, Direction direction) {
    return events.stream()
        .filter(TapEvent.Http2Frame.class::isInstance)
        .map(TapEvent.Http2Frame.class::cast)
        .filter(frame -> frame.direction() == direction)
        .map(it -> line("" + it.type(), "" + it.stream(), "" + it.length()))
        .toList();
  }

  private static List<String> byTshark(Path file, int port, Direction direction) throws Exception {
    String filter = direction == Direction.TO_SERVER ? "tcp.dstport==" : "tcp.srcport==";
    List<String> frames = new ArrayList<>();
    for (String packet :
        fields(
            file,
            port,
            "http2.type",
            "-e",
            "http2.streamid",
            "-e",
            "http2.length",
            "-Y",
            "http2 && " + filter + port)) {
      String[] columns = packet.split("\t", -1);
      String[] types = columns[0].split(",", -1);
      String[] streams = columns[1].split(",", -1);
      String[] lengths = columns[2].split(",", -1);
      // The preface has neither type nor stream.
      for (int i = 0; i < types.length && !types[0].isEmpty(); i++) {
        frames.add(line(types[i], streams[i], lengths[i]));
      }
    }
    return frames;
  }

  private static List<String> fields(Path file, int port, String... fields) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-r", file.toString(), "-n"));
    arguments.addAll(List.of("-d", "tcp.port==" + port + ",http2", "-T", "fields", "-e"));
    arguments.addAll(List.of(fields));
    return Tshark.run(arguments);
  }
}
