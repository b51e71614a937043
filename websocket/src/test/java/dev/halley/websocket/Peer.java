package dev.halley.websocket;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** One end of a connection that agreed on compression, and what it received. */
final class Peer {
  static final MessageLimits LIMITS = new MessageLimits(1 << 20, 1 << 20);

  final WebSocketProtocol protocol;
  final List<Event> events = new ArrayList<>();
  final List<byte[]> payloads = new ArrayList<>();
  private final ByteBuffer out = ByteBuffer.allocate(1 << 20);

  private Peer(WebSocketProtocol protocol) {
    this.protocol = protocol;
  }

  static Peer of(Side side, ProtocolOptions options) {
    return new Peer(
        side == Side.SERVER
            ? WebSocketProtocol.server(options)
            : WebSocketProtocol.client(options, new Random(0)::nextInt));
  }

  /** With a pool of its own and compression of everything but empty messages. */
  static Peer of(Side side, DeflateParameters parameters) {
    Compression compression = new Compression(parameters, new DeflatePool(6), 1);
    return of(side, ProtocolOptions.of(LIMITS).withCompression(compression));
  }

  byte[] written(Consumer<ByteBuffer> write) {
    out.clear();
    write.accept(out);
    byte[] wire = new byte[out.position()];
    out.get(0, wire);
    return wire;
  }

  byte[] text(byte[] payload) {
    return written(to -> protocol.writeText(ByteBuffer.wrap(payload), to));
  }

  byte[] binary(byte[] payload) {
    return written(to -> protocol.writeBinary(ByteBuffer.wrap(payload), to));
  }

  byte[] part(byte[] payload, boolean last) {
    return written(to -> protocol.writeBinaryPart(ByteBuffer.wrap(payload), last, to));
  }

  /** Receives it in pieces of so many bytes. */
  void receive(byte[] wire, int piece) {
    for (int from = 0; from < wire.length; from += piece) {
      ByteBuffer input = ByteBuffer.allocateDirect(Math.min(piece, wire.length - from));
      input.put(wire, from, input.remaining()).flip();
      for (Event event = protocol.receive(input);
          event != Event.NEED_INPUT;
          event = protocol.receive(input)) {
        events.add(event);
        byte[] payload = new byte[protocol.payloadLength()];
        protocol.payload().get(payload);
        payloads.add(payload);
      }
    }
  }

  void receive(byte[] wire) {
    receive(wire, Math.max(1, wire.length));
  }
}
