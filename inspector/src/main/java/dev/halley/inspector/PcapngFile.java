package dev.halley.inspector;

import dev.halley.inspector.dissect.WireFactory;
import dev.halley.inspector.pcap.SegmentWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A capture file that is written: what passed as TCP/IP packets, as a client would have seen them,
 * for Wireshark and its like. A disk that is too slow costs packets, never traffic.
 */
public final class PcapngFile implements AutoCloseable {
  private final SegmentWriter writer;

  private PcapngFile(SegmentWriter writer) {
    this.writer = writer;
  }

  /**
   * Creates a file, in place of one that is there.
   *
   * @param waits whether writers wait for the disk: for what comes from a file itself
   */
  public static PcapngFile create(Path file, boolean waits) throws IOException {
    return new PcapngFile(SegmentWriter.create(file, waits));
  }

  WireFactory wires() {
    return writer.wires();
  }

  /** How many packets the disk was too slow for. */
  public long dropped() {
    return writer.dropped();
  }

  /** Why nothing is written any more, if that is so. */
  public Optional<IOException> failure() {
    return writer.failure();
  }

  /** Writes what is pending and closes the file. */
  @Override
  public void close() throws IOException {
    writer.close();
  }
}
