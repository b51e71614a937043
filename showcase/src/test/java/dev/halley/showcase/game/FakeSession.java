package dev.halley.showcase.game;

import dev.halley.server.app.WebSocketSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A connection that keeps what it was given. */
final class FakeSession implements WebSocketSession {
  final List<ByteBuffer> sent = new ArrayList<>();
  boolean writable = true;
  int closeCode;
  String closeReason = "";

  @Override
  public boolean sendText(String text) {
    throw new AssertionError("the game sends binary frames");
  }

  @Override
  public boolean sendBinary(ByteBuffer data) {
    if (writable) {
      byte[] copy = new byte[data.remaining()];
      data.get(data.position(), copy);
      sent.add(ByteBuffer.wrap(copy));
    }
    return writable;
  }

  @Override
  public void close(int code, String reason) {
    closeCode = code;
    closeReason = reason;
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  /** The first bytes of what was sent since the last call. */
  List<Integer> takeKinds() {
    List<Integer> kinds = sent.stream().map(frame -> (int) frame.get(0)).toList();
    sent.clear();
    return kinds;
  }
}
