package dev.halley.server.transport;

import dev.halley.server.ServerConfig;
import dev.halley.server.wire.FrameEncoder;
import dev.halley.server.wire.HalleyV1Form;
import dev.halley.server.wire.RawForm;
import dev.halley.websocket.Compression;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import java.util.Optional;

/**
 * What the WebSockets of one event loop share to compress: the pool, and the wire forms of those
 * that agreed on the usual window. A client that wants a smaller one gets forms of its own.
 */
public final class Deflation {
  /** What the server wants of every agreement. */
  public static final DeflateParameters WANTED = DeflateParameters.NO_CONTEXT_TAKEOVER;

  private final DeflatePool pool;
  private final int threshold;
  private final SocketForms usual;

  /** Compresses nothing before it is asked to. */
  public Deflation(ServerConfig.Compression config) {
    pool = new DeflatePool(Math.max(1, config.level()));
    threshold = config.threshold();
    usual = forms(DeflateParameters.MAX_WINDOW_BITS, true);
  }

  SocketForms forms(Optional<DeflateParameters> agreed) {
    if (agreed.isEmpty()) {
      return SocketForms.PLAIN;
    }
    int bits = agreed.get().serverMaxWindowBits();
    return bits == DeflateParameters.MAX_WINDOW_BITS ? usual : forms(bits, false);
  }

  Compression compression(DeflateParameters agreed) {
    return new Compression(agreed, pool, threshold);
  }

  private SocketForms forms(int windowBits, boolean shared) {
    FrameEncoder frames = FrameEncoder.compressing(pool, threshold, windowBits);
    return new SocketForms(new RawForm(frames), new HalleyV1Form(frames), shared);
  }
}
