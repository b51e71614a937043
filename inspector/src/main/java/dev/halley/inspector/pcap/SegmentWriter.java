package dev.halley.inspector.pcap;

import dev.halley.inspector.dissect.WireFactory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes segments on a thread of its own. What the disk is too slow for is dropped and counted, as
 * by other capturers: the sequence numbers show where.
 */
public final class SegmentWriter implements AutoCloseable {
  private static final long MOST_PENDING = 64L << 20;
  private static final long OVERHEAD = 128;
  private static final String APPLICATION = "halley tap";

  private final PcapngOutput out;
  private final boolean waits;
  private final LinkedBlockingQueue<Optional<Segment>> queue = new LinkedBlockingQueue<>();
  private final AtomicLong pending = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread = new Thread(this::run, "halley-tap-pcapng");
  private volatile @Nullable IOException failure;

  private SegmentWriter(PcapngOutput out, boolean waits) {
    this.out = out;
    this.waits = waits;
  }

  /**
   * Creates a file, in place of one that is there.
   *
   * @param waits whether who writes waits for the disk instead of dropping
   */
  public static SegmentWriter create(Path file, boolean waits) throws IOException {
    BufferedOutputStream stream = new BufferedOutputStream(Files.newOutputStream(file), 256 << 10);
    SegmentWriter writer = new SegmentWriter(new PcapngOutput(stream, APPLICATION), waits);
    writer.thread.setDaemon(true);
    writer.thread.start();
    return writer;
  }

  /** What makes packets of a connection's bytes. */
  public WireFactory wires() {
    return (id, client, server) -> new TcpWire(this, new Flow(client, server), (int) id);
  }

  /** How many packets were dropped. */
  public long dropped() {
    return dropped.get();
  }

  /** Why nothing is written any more, if that is so. */
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  void write(Segment segment) {
    long weight = segment.payload().remaining() + OVERHEAD;
    while (pending.get() + weight > MOST_PENDING) {
      if (!waits || failure != null) {
        dropped.incrementAndGet();
        return;
      }
      Thread.onSpinWait();
    }
    pending.addAndGet(weight);
    queue.add(Optional.of(segment));
  }

  /** Writes what is pending and closes the file. */
  @Override
  public void close() throws IOException {
    queue.add(Optional.empty());
    try {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    IOException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  private void run() {
    long last = 0;
    try (PcapngOutput output = out) {
      for (Optional<Segment> next = queue.take(); next.isPresent(); next = queue.take()) {
        Segment segment = next.get();
        last = segment.micros();
        output.packet(last, Packets.of(segment));
        pending.addAndGet(-segment.payload().remaining() - OVERHEAD);
        if (queue.isEmpty()) {
          output.flush();
        }
      }
      output.dropped(last, dropped.get());
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
