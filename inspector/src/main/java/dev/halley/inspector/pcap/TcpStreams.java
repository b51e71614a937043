package dev.halley.inspector.pcap;

import dev.halley.inspector.Direction;
import dev.halley.inspector.TapEvent;
import dev.halley.inspector.dissect.Conversation;
import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.WireFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The connections of a capture, each with a conversation. */
final class TcpStreams {
  private static final int MOST_OPEN = 16 << 10;
  private static final int PORTS_OF_SERVERS = 10_000;

  private final Options options;
  private final Consumer<TapEvent> sink;
  private final WireFactory wires;
  private final Map<Flow, Stream> streams = new LinkedHashMap<>(16, 0.75f, true);
  private long connections;
  private long bytes;

  TcpStreams(Options options, Consumer<TapEvent> sink, WireFactory wires) {
    this.options = options;
    this.sink = sink;
    this.wires = wires;
  }

  long bytes() {
    return bytes;
  }

  void packet(TcpPacket packet) {
    Stream stream = streams.get(packet.flow());
    if (stream == null) {
      stream = streams.get(packet.flow().reversed());
    }
    boolean opens = packet.has(TcpFlags.SYN) && !packet.has(TcpFlags.ACK);
    if (stream != null && opens && stream.isOver()) {
      streams.remove(stream.flow);
      stream = null;
    }
    if (stream == null) {
      if (packet.has(TcpFlags.RST) || (!opens && isEmpty(packet))) {
        return;
      }
      stream = open(packet);
    }
    stream.packet(packet);
  }

  private static boolean isEmpty(TcpPacket packet) {
    return packet.length() == 0 && !packet.has(TcpFlags.SYN);
  }

  /** No more packets will come. */
  void finish(long micros) {
    streams.values().forEach(stream -> stream.finish("the capture ends", micros));
    streams.clear();
  }

  private Stream open(TcpPacket packet) {
    Flow flow = isFromClient(packet) ? packet.flow() : packet.flow().reversed();
    Stream stream = new Stream(flow, ++connections, packet.micros());
    if (!packet.has(TcpFlags.SYN)) {
      stream.conversation.joinLate();
    }
    streams.put(flow, stream);
    if (streams.size() > MOST_OPEN) {
      Stream eldest = streams.values().iterator().next();
      eldest.finish("too many are open at once", packet.micros());
      streams.remove(eldest.flow);
    }
    return stream;
  }

  /** Without the handshake, what is said has to tell, or the ports. */
  private static boolean isFromClient(TcpPacket packet) {
    if (packet.has(TcpFlags.SYN)) {
      return !packet.has(TcpFlags.ACK);
    }
    ByteBuffer start = packet.payload();
    if (start.remaining() >= 5) {
      if (start.get(0) == 'H' && start.get(1) == 'T' && start.get(4) == '/') {
        return false;
      }
      if (start.get(0) >= 'A' && start.get(0) <= 'Z' && start.get(1) >= 'A') {
        return true;
      }
    }
    int from = packet.flow().from().getPort();
    int to = packet.flow().to().getPort();
    return from < PORTS_OF_SERVERS == to < PORTS_OF_SERVERS ? from > to : to < PORTS_OF_SERVERS;
  }

  /** One connection. */
  private final class Stream {
    final Flow flow;
    final Conversation conversation;
    final HalfStream up = new HalfStream(new Half(Direction.TO_SERVER));
    final HalfStream down = new HalfStream(new Half(Direction.TO_CLIENT));
    boolean isReset;

    Stream(Flow flow, long id, long micros) {
      this.flow = flow;
      conversation = new Conversation(id, options, sink, wires.open(id, flow.from(), flow.to()));
      conversation.opened(name(flow.from()), name(flow.to()), micros);
    }

    boolean isOver() {
      return isReset || (up.isOver() && down.isOver());
    }

    void packet(TcpPacket packet) {
      if (isOver()) {
        return;
      }
      boolean isUp = packet.flow().equals(flow);
      HalfStream sent = isUp ? up : down;
      HalfStream received = isUp ? down : up;
      if (packet.has(TcpFlags.RST)) {
        isReset = true;
        up.finish(packet.micros());
        down.finish(packet.micros());
        conversation.closed(true, "reset", packet.micros());
        return;
      }
      if (packet.has(TcpFlags.ACK)) {
        received.acknowledged(packet.ack(), packet.micros());
      }
      sent.segment(packet);
      if (isOver()) {
        conversation.closed(false, "closed", packet.micros());
      }
    }

    void finish(String why, long micros) {
      if (!isOver()) {
        up.finish(micros);
        down.finish(micros);
        conversation.closed(false, why, micros);
      }
    }

    private final class Half implements HalfStream.Output {
      private final Direction direction;

      Half(Direction direction) {
        this.direction = direction;
      }

      @Override
      public void bytes(ByteBuffer data, long micros) {
        bytes += data.remaining();
        conversation.bytes(direction, data, micros);
      }

      @Override
      public void missing(long count, long micros) {
        conversation.missing(direction, count, micros);
      }

      @Override
      public void end(long micros) {
        conversation.end(direction, micros);
      }
    }
  }

  private static String name(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
