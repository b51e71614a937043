package dev.halley.websocket;

import java.nio.ByteBuffer;

/** What becomes of received bytes: frames are read until the connection's end, then nothing is. */
sealed interface Receiver permits FrameReader, Discarder {
  ByteBuffer NO_BUFFER = ByteBuffer.allocate(0);

  /** As {@link WebSocketProtocol#receive}. */
  WebSocketProtocol.Event receive(ByteBuffer input);

  /** Where the payload of the last event is. */
  ByteBuffer payloadBuffer();

  int payloadOffset();

  int payloadLength();

  /** As {@link WebSocketProtocol#isWithinMessage}. */
  boolean isWithinMessage();

  /** As {@link WebSocketProtocol#assembledLength}. */
  int assembledLength();

  /** Gives up what compression holds. */
  void release();

  /** What the peer's close frame said, or what the rule that it broke is answered with. */
  CloseStatus closeStatus();
}
