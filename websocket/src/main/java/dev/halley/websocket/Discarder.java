package dev.halley.websocket;

import java.nio.ByteBuffer;

/**
 * Takes the reader's place after a close frame or a failure: whatever follows is not parsed.
 *
 * @param closeStatus how the connection ended
 */
record Discarder(CloseStatus closeStatus) implements Receiver {
  @Override
  public WebSocketProtocol.Event receive(ByteBuffer input) {
    input.position(input.limit());
    return WebSocketProtocol.Event.NEED_INPUT;
  }

  @Override
  public ByteBuffer payloadBuffer() {
    return NO_BUFFER;
  }

  @Override
  public int payloadOffset() {
    return 0;
  }

  @Override
  public int payloadLength() {
    return 0;
  }

  @Override
  public boolean isWithinMessage() {
    return false;
  }

  @Override
  public int assembledLength() {
    return 0;
  }

  @Override
  public void release() {}
}
