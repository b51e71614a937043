package io.netty.handler.codec.http.websocketx;

import io.netty.buffer.ByteBuf;

/** Opens Netty's validator, which is its package's own, to the benchmarks. */
public final class TextCheck {
  private final Utf8Validator validator = new Utf8Validator();

  /**
   * Does what {@link Utf8FrameValidator} does with each text frame that is a whole message.
   *
   * @throws CorruptedWebSocketFrameException if it isn't UTF-8
   */
  public void check(ByteBuf text) {
    validator.check(text);
    validator.finish();
  }
}
