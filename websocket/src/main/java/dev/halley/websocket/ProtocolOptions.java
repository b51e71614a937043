package dev.halley.websocket;

import java.util.Optional;

/**
 * What a connection is like after the handshake.
 *
 * @param limits how large a peer's data may be; in parts, nothing is bound but what is held
 * @param inParts whether data is given to the caller as it comes, in {@link
 *     WebSocketProtocol.Event#TEXT_PART parts}, so that no message is ever assembled
 * @param compression permessage-deflate, where the handshake agreed on it
 * @param memory is asked before more is held of messages that aren't complete
 */
public record ProtocolOptions(
    MessageLimits limits,
    boolean inParts,
    Optional<Compression> compression,
    MessageMemory memory) {

  /** Whole messages without compression. */
  public static ProtocolOptions of(MessageLimits limits) {
    return new ProtocolOptions(limits, false, Optional.empty(), MessageMemory.UNBOUNDED);
  }

  /** The same with data in parts. */
  public ProtocolOptions receivingInParts() {
    return new ProtocolOptions(limits, true, compression, memory);
  }

  /** The same with permessage-deflate. */
  public ProtocolOptions withCompression(Compression agreed) {
    return new ProtocolOptions(limits, inParts, Optional.of(agreed), memory);
  }
}
