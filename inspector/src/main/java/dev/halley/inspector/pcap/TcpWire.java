package dev.halley.inspector.pcap;

import dev.halley.inspector.Direction;
import dev.halley.inspector.dissect.Wire;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A connection as the packets that it could have been: handshake, data, acknowledgements, end. */
final class TcpWire implements Wire {
  /** Real receivers acknowledge before their window is full. */
  private static final int MOST_UNACKNOWLEDGED = 1 << 20;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SegmentWriter writer;
  private final Side client;
  private final Side server;
  private boolean begun;

  /** Whoever sends in one direction. */
  private static final class Side {
    final Flow flow;
    int seq;
    int unacknowledged;

    Side(Flow flow, int seq) {
      this.flow = flow;
      this.seq = seq;
    }
  }

  TcpWire(SegmentWriter writer, Flow flow, int id) {
    this.writer = writer;
    client = new Side(flow, id << 16);
    server = new Side(flow.reversed(), (id << 16) + 0x4000_0000);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void bytes(Direction direction, byte[] bytes, int length, long micros) {
    begin(micros);
    Side side = side(direction);
    for (int at = 0; at < length; at += Packets.MOST_PAYLOAD) {
      int count = Math.min(Packets.MOST_PAYLOAD, length - at);
      ByteBuffer payload = ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + count));
      send(side, TcpFlags.PSH | TcpFlags.ACK, payload, micros);
      side.seq += count;
      side.unacknowledged += count;
      if (side.unacknowledged >= MOST_UNACKNOWLEDGED) {
        acknowledge(side, micros);
      }
    }
  }

  @Override
  public void end(Direction direction, long micros) {
    begin(micros);
    Side side = side(direction);
    send(side, TcpFlags.FIN | TcpFlags.ACK, NOTHING, micros);
    side.seq++;
    acknowledge(side, micros);
  }

  @Override
  public void broken(long micros) {
    begin(micros);
    send(client, TcpFlags.RST | TcpFlags.ACK, NOTHING, micros);
  }

  private void begin(long micros) {
    if (!begun) {
      begun = true;
      send(client, TcpFlags.SYN, NOTHING, micros);
      client.seq++;
      send(server, TcpFlags.SYN | TcpFlags.ACK, NOTHING, micros);
      server.seq++;
      send(client, TcpFlags.ACK, NOTHING, micros);
    }
  }

  private void acknowledge(Side sender, long micros) {
    sender.unacknowledged = 0;
    send(other(sender), TcpFlags.ACK, NOTHING, micros);
  }

  private void send(Side side, int flags, ByteBuffer payload, long micros) {
    if (payload.hasRemaining()) {
      other(side).unacknowledged = 0;
    }
    writer.write(new Segment(side.flow, side.seq, other(side).seq, flags, payload, micros));
  }

  private Side side(Direction direction) {
    return direction == Direction.TO_SERVER ? client : server;
  }

  private Side other(Side side) {
    return side == client ? server : client;
  }
}
