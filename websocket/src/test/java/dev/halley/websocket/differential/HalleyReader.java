package dev.halley.websocket.differential;

import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.WebSocketProtocol;
import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The protocol core. */
final class HalleyReader implements Reader {
  private static final MessageLimits LIMITS = new MessageLimits(FRAME_LIMIT, 100 * FRAME_LIMIT);

  private final WebSocketProtocol protocol;
  private final List<String> events = new ArrayList<>();
  private String rule = "";

  HalleyReader(boolean server) {
    protocol =
        server ? WebSocketProtocol.server(LIMITS) : WebSocketProtocol.client(LIMITS, () -> 0);
  }

  @Override
  public void receive(ByteBuffer input) {
    for (Event event = protocol.receive(input);
        event != Event.NEED_INPUT;
        event = protocol.receive(input)) {
      events.add(describe(event));
    }
  }

  private String describe(Event event) {
    return switch (event) {
      case CLOSE ->
          "CLOSE "
              + protocol.closeCode()
              + " "
              + HexFormat.of().formatHex(protocol.closeReason().getBytes(StandardCharsets.UTF_8));
      case FAILURE -> {
        rule = protocol.closeReason();
        yield "FAIL " + protocol.closeCode();
      }
      case NEED_INPUT, TEXT, BINARY, TEXT_PART, BINARY_PART, PING, PONG -> {
        byte[] payload = new byte[protocol.payloadLength()];
        protocol.payload().get(payload);
        yield event + " " + HexFormat.of().formatHex(payload);
      }
    };
  }

  @Override
  public List<String> events() {
    return events;
  }

  /** The rule that was broken, if one was. */
  String rule() {
    return rule;
  }
}
