package dev.halley.inspector;

import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.WireFactory;
import dev.halley.inspector.pcap.CaptureFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A capture by Wireshark, tcpdump or a {@link Tap}, read into a {@link TapLog}. */
public final class Capture {
  private Capture() {}

  /**
   * Reads a pcap or pcapng file; its TCP connections are put together, segments that came twice or
   * in another order included.
   *
   * @param cut how many bytes of a payload or body are kept for display, at least 128
   * @param showSecrets whether credentials are shown and written as they are
   * @param copy takes the packets again, if they are wanted with credentials masked
   * @return how many bytes of TCP streams were in it
   * @throws IOException if it can't be read, or isn't a capture
   */
  public static long read(
      Path file, TapLog log, int cut, boolean showSecrets, Optional<PcapngFile> copy)
      throws IOException {
    WireFactory wires = copy.map(PcapngFile::wires).orElse(WireFactory.NONE);
    return CaptureFile.read(file, new Options(cut, showSecrets), log::append, wires);
  }
}
