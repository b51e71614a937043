package dev.halley.inspector.pcap;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * One direction of a TCP connection put together: segments in any order and any number of times in,
 * each byte once and in order out (RFC 9293 section 3.4).
 */
final class HalfStream {
  /** More is not held for a segment that is missing. */
  private static final int MOST_HELD = 4 << 20;

  private final Output output;
  private final TreeMap<Long, Held> held = new TreeMap<>();
  private int heldBytes;
  private boolean hasBegun;

  /** The sequence number of the byte that comes next, and how many there were before it. */
  private int nextSeq;

  private long next;

  /** Where the stream ends, once that is known. */
  private long end = Long.MAX_VALUE;

  private boolean isOver;

  /**
   * A segment that came before its turn.
   *
   * @param length of which so many bytes were captured as there are
   */
  private record Held(ByteBuffer bytes, int length, long micros) {}

  /** Takes what is in order. */
  interface Output {
    void bytes(ByteBuffer bytes, long micros);

    void missing(long count, long micros);

    void end(long micros);
  }

  HalfStream(Output output) {
    this.output = output;
  }

  boolean isOver() {
    return isOver;
  }

  void segment(TcpPacket packet) {
    if (!hasBegun) {
      hasBegun = true;
      nextSeq = packet.seq() + (packet.has(TcpFlags.SYN) ? 1 : 0);
    }
    int first = packet.seq() + (packet.has(TcpFlags.SYN) ? 1 : 0);
    long at = next + (first - nextSeq);
    if (packet.has(TcpFlags.FIN)) {
      end = Math.min(end, at + packet.length());
    }
    if (packet.length() > 0 && at + packet.length() > next) {
      hold(at, new Held(packet.payload(), packet.length(), packet.micros()));
    }
    deliver(packet.micros());
    if (heldBytes > MOST_HELD) {
      skipTo(held.firstKey(), packet.micros());
    }
  }

  /** The other side has everything up to here, so what isn't there was never captured. */
  void acknowledged(int ack, long micros) {
    if (!hasBegun) {
      hasBegun = true;
      nextSeq = ack;
    } else if (!held.isEmpty() && next + (ack - nextSeq) >= held.firstKey()) {
      skipTo(held.firstKey(), micros);
    }
  }

  /** Nothing will come any more. */
  void finish(long micros) {
    while (!held.isEmpty()) {
      skipTo(held.firstKey(), micros);
    }
  }

  private void hold(long at, Held segment) {
    Held there = held.get(at);
    if (there == null || there.length() < segment.length()) {
      heldBytes += segment.bytes().remaining() - (there == null ? 0 : there.bytes().remaining());
      held.put(at, segment);
    }
  }

  private void skipTo(long at, long micros) {
    if (at > next) {
      output.missing(at - next, micros);
      advance(at - next);
    }
    deliver(micros);
  }

  private void deliver(long micros) {
    while (!held.isEmpty() && held.firstKey() <= next) {
      Map.Entry<Long, Held> entry = held.pollFirstEntry();
      Held segment = entry.getValue();
      heldBytes -= segment.bytes().remaining();
      int known = (int) (next - entry.getKey());
      if (known < segment.length()) {
        deliver(segment, known);
      }
    }
    if (!isOver && next >= end) {
      isOver = true;
      output.end(micros);
    }
  }

  private void deliver(Held segment, int known) {
    int captured = segment.bytes().remaining();
    if (known < captured) {
      output.bytes(segment.bytes().slice(known, captured - known), segment.micros());
    }
    int lost = segment.length() - Math.max(known, captured);
    if (lost > 0) {
      output.missing(lost, segment.micros());
    }
    advance(segment.length() - known);
  }

  private void advance(long count) {
    next += count;
    nextSeq += (int) count;
  }
}
