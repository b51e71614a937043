package dev.halley.benchmarks;

import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.WebSocketProtocol;
import java.nio.ByteBuffer;

/** As Halley's server does it: the protocol unmasks in the buffer that was read. */
final class HalleyDecoder extends Decoder {
  private final WebSocketProtocol protocol =
      WebSocketProtocol.server(new MessageLimits(1 << 20, 1 << 20));
  private final byte[] wire;
  private final ByteBuffer input;

  HalleyDecoder(Wire wire, boolean direct, boolean checked) {
    super(checked);
    this.wire = wire.bytes();
    int length = wire.bytes().length;
    input = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
  }

  @Override
  void decode() {
    input.clear().put(0, wire);
    boolean more = true;
    while (more) {
      switch (protocol.receive(input)) {
        case NEED_INPUT -> more = false;
        case BINARY, TEXT ->
            payload(protocol.payloadBuffer(), protocol.payloadOffset(), protocol.payloadLength());
        case BINARY_PART, TEXT_PART, PING, PONG, CLOSE, FAILURE ->
            throw new IllegalStateException(protocol.closeReason());
      }
    }
  }
}
