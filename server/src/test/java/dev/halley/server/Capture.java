package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What Wireshark's {@code tshark} captures of a port on the loopback interface. */
final class Capture implements AutoCloseable {
  private static final String NEEDS =
      "tshark may not capture on lo: run this as root, or let your user capture"
          + " (dpkg-reconfigure wireshark-common, then join the group wireshark)";

  private final InetSocketAddress address;
  private final Path file;
  private final Process tshark;

  /** A line for each packet, and an empty one at the end. */
  private final BlockingQueue<String> packets = new LinkedBlockingQueue<>();

  private Capture(InetSocketAddress address, Path file, Process tshark) {
    this.address = address;
    this.file = file;
    this.tshark = tshark;
    TestServer.THREADS.execute(this::readPackets);
  }

  /** Returns when packets to and from the address are being captured. */
  static Capture start(InetSocketAddress address) throws Exception {
    Path directory = Files.createDirectories(Tool.build().resolve("tshark"));
    Path file = Files.createTempFile(directory, "capture", ".pcapng");
    List<String> command =
        List.of(
            "tshark",
            "-i",
            "lo",
            "-f",
            "tcp port " + address.getPort(),
            "-w",
            file.toString(),
            "-P",
            "-l",
            "-n");
    Capture capture = new Capture(address, file, Tool.start(directory, command));
    boolean captures = false;
    try {
      capture.awaitProbe();
      captures = true;
      return capture;
    } finally {
      if (!captures) {
        capture.close();
      }
    }
  }

  /** Ends the capture when all that has been sent is in it, and dissects it, as PDML. */
  String dissect() throws Exception {
    awaitProbe();
    tshark.destroy();
    tshark.waitFor();
    return Tool.run(
        Tool.build(),
        60,
        List.of(
            "tshark",
            "-n",
            "-r",
            file.toString(),
            "-T",
            "pdml",
            "-d",
            "tcp.port==" + address.getPort() + ",http"));
  }

  @Override
  public void close() throws IOException {
    tshark.destroyForcibly();
    // A tshark that may not capture has deleted it.
    Files.deleteIfExists(file);
  }

  /** Connects, again and again, until a packet of such a connection has been captured. */
  private void awaitProbe() throws Exception {
    while (true) {
      try (Socket probe = new Socket(address.getAddress(), address.getPort())) {
        String port = " " + probe.getLocalPort() + " ";
        for (String packet = packets.poll(1, TimeUnit.SECONDS);
            packet != null;
            packet = packets.poll(1, TimeUnit.SECONDS)) {
          if (packet.isEmpty()) {
            refuse();
          }
          if (packet.contains(port)) {
            return;
          }
        }
      }
    }
  }

  /** Root may always capture. Another user may not be let: that user's test is skipped. */
  private static void refuse() {
    assertThat(System.getProperty("user.name")).as("tshark didn't capture").isNotEqualTo("root");
    abort(NEEDS);
  }

  private void readPackets() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(tshark.getInputStream(), UTF_8))) {
      lines.lines().filter(line -> !line.isBlank()).forEach(packets::add);
    } catch (IOException | UncheckedIOException e) {
      // the process was ended, and its output with it
    } finally {
      packets.add("");
    }
  }
}
