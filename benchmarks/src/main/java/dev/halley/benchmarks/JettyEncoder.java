package dev.halley.benchmarks;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.internal.Generator;

/** Jetty's generator as its flusher uses it for batches: whole frames into one buffer. */
final class JettyEncoder implements Encoder {
  private final Generator generator = new Generator();
  private final ByteBuffer payload;
  private final ByteBuffer out;

  JettyEncoder(byte[] payload) {
    this.payload = ByteBuffer.allocateDirect(payload.length).put(payload);
    out = ByteBuffer.allocateDirect(Generator.MAX_HEADER_LENGTH + payload.length);
  }

  @Override
  public byte encode() {
    // Jetty's buffers are always ready to be read: empty is a limit of 0.
    out.position(0).limit(0);
    generator.generateWholeFrame(new Frame(OpCode.BINARY, payload.clear()), out);
    return out.get(out.limit() - 1);
  }

  @Override
  public ByteBuffer frame() {
    return out.duplicate();
  }
}
