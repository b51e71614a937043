package dev.halley.inspector.pcap;

import dev.halley.inspector.TapEvent;
import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.WireFactory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads a capture from its begin to its end. */
public final class CaptureFile {
  private CaptureFile() {}

  /**
   * Reads a file.
   *
   * @return how many bytes of TCP streams were in it
   * @throws IOException if it can't be read, or isn't a capture
   */
  public static long read(Path file, Options options, Consumer<TapEvent> sink, WireFactory wires)
      throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 18)) {
      CaptureInput input = new CaptureInput(in);
      TcpStreams streams = new TcpStreams(options, sink, wires);
      long last = 0;
      for (Optional<CapturedPacket> packet = input.next();
          packet.isPresent();
          packet = input.next()) {
        last = packet.get().micros();
        TcpPacket.read(packet.get()).ifPresent(streams::packet);
      }
      streams.finish(last);
      return streams.bytes();
    }
  }
}
