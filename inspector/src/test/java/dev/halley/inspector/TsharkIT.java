package dev.halley.inspector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tap and Wireshark see the same, frame by frame. */
@Tag("unprivileged")
@Timeout(180)
class TsharkIT {
  @TempDir private Path directory;

  @Test
  void theTapItsFileAndTsharkOnTheSameTrafficAgree() throws Exception {
    TapLog log = new TapLog(100_000, 1 << 28);
    Path own = directory.resolve("own.pcapng");
    Path live = directory.resolve("live.pcapng");
    int port;
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        PcapngFile file = PcapngFile.create(own, false);
        Tap tap = Tap.start(config(server), log, Optional.of(file), InstantSource.system())) {
      port = tap.address().getPort();
      MixedTraffic traffic = new MixedTraffic(tap.address(), server);
      try (Tshark.Live capture = Tshark.capture(port, live)) {
        begin(traffic, capture);
        traffic.run();
        traffic.mark("/end");
        capture.await("/end");
      }
    }
    log.end();
    List<TapEvent> seen = log.read(0, 100_000, 0).events();

    List<String> byTap = frames(seen);
    assertThat(byTap).hasSizeGreaterThan(2 * MixedTraffic.LENGTHS.length + 20);
    assertThat(bySocket(Tshark.frames(live, port))).isEqualTo(bySocket(byTap));
    assertThat(bySocket(Tshark.frames(own, port))).isEqualTo(bySocket(byTap));
    assertThat(Tshark.warnings(own, port)).isEmpty();
    assertThat(String.join("\n", Tshark.run(List.of("-r", own.toString(), "-Y", "http"))))
        .contains("/channels/chat?wait=30", "101 Switching Protocols", "201 Created");

    assertThat(bySocket(frames(read(own)))).isEqualTo(bySocket(byTap));
    assertThat(bySocket(frames(read(live)))).isEqualTo(bySocket(byTap));
    assertThat(breaches(read(live))).isEqualTo(breaches(seen)).hasSize(7);
  }

  private static TapConfig config(ServerSocket server) {
    return new TapConfig(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        "127.0.0.1",
        server.getLocalPort(),
        false,
        false,
        1024,
        false);
  }

  /** A capture takes a while to begin, and doesn't say when it has: so it is asked until it has. */
  private static void begin(MixedTraffic traffic, Tshark.Live capture) throws IOException {
    AtomicBoolean hasBegun = new AtomicBoolean();
    Thread asking =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!hasBegun.get()) {
                    try {
                      traffic.mark("/begin");
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  }
                });
    try {
      capture.begins();
    } finally {
      hasBegun.set(true);
    }
    try {
      asking.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<TapEvent> read(Path file) throws IOException {
    TapLog log = new TapLog(100_000, 1 << 28);
    Capture.read(file, log, 1024, false, Optional.empty());
    return readAll(log);
  }

  private static List<TapEvent> readAll(TapLog log) {
    try {
      return log.read(0, 100_000, 0).events();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> breaches(List<TapEvent> events) {
    return events.stream().flatMap(event -> event.breaches().stream()).map(Breach::rule).toList();
  }

  private static List<String> frames(List<TapEvent> events) {
    List<String> lines = new ArrayList<>();
    for (TapEvent event : events) {
      if (event instanceof TapEvent.Frame frame) {
        FrameBits bits = frame.bits();
        lines.add(
            String.join(
                " ",
                String.valueOf(frame.connection()),
                frame.direction() == Direction.TO_SERVER ? "up" : "down",
                bits.fin() ? "1" : "0",
                String.valueOf(bits.rsv()),
                String.valueOf(bits.opcode()),
                bits.masked() ? "1" : "0",
                String.valueOf(bits.length()),
                bits.masked() ? String.format("%08x", bits.key()) : "-"));
      }
    }
    return lines;
  }

  /** Connections have other numbers everywhere, but the same order, as have the frames of each. */
  private static List<List<String>> bySocket(List<String> frames) {
    Map<String, List<String>> sockets = new HashMap<>();
    List<List<String>> inOrder = new ArrayList<>();
    for (String frame : frames) {
      String[] parts = frame.split(" ", 2);
      sockets
          .computeIfAbsent(
              parts[0],
              unused -> {
                List<String> list = new ArrayList<>();
                inOrder.add(list);
                return list;
              })
          .add(parts[1]);
    }
    return inOrder;
  }
}
