package dev.halley.benchmarks;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.util.Utf8StringBuilder;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.internal.Parser;

/**
 * Jetty's parser, which unmasks in place, without session, extensions and callbacks. Text becomes a
 * String, for that is how Jetty validates it.
 */
final class JettyDecoder extends Decoder {
  private final Parser parser = new Parser(new ArrayByteBufferPool());
  private final byte[] wire;
  private final boolean isText;
  private final ByteBuffer input;
  private final Utf8StringBuilder text = new Utf8StringBuilder();

  JettyDecoder(Wire wire, boolean isText, boolean checked) {
    super(checked);
    this.wire = wire.bytes();
    this.isText = isText;
    input = ByteBuffer.allocateDirect(this.wire.length);
  }

  @Override
  void decode() throws Exception {
    input.clear().put(0, wire);
    while (input.hasRemaining()) {
      try (Frame.Parsed frame = parser.parse(input)) {
        ByteBuffer payload = frame.getPayload();
        payload(payload, payload.position(), payload.remaining());
        if (isText) {
          text.append(payload);
          if (text.takeCompleteString(IllegalStateException::new).isEmpty()) {
            throw new IllegalStateException("No text");
          }
        }
      }
    }
  }
}
