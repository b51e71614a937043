package dev.halley.inspector;

import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.WireFactory;
import dev.halley.inspector.proxy.Proxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A proxy that changes no byte, and tells a {@link TapLog} what passes.
 *
 * <p>Bytes are sent on before they are looked at, and looked at on the event loop that moves them:
 * so nothing is queued for looking at it, and memory stays flat.
 */
public final class Tap implements AutoCloseable {
  private final Proxy proxy;

  private Tap(Proxy proxy) {
    this.proxy = proxy;
  }

  /**
   * Starts to listen.
   *
   * @param log takes what is seen
   * @param file takes the packets, if they are wanted; whoever opened it closes it
   * @throws IOException if the port can't be had
   */
  public static Tap start(
      TapConfig config, TapLog log, Optional<PcapngFile> file, InstantSource clock)
      throws IOException {
    Options options = new Options(config.cut(), config.showSecrets());
    WireFactory wires = file.map(PcapngFile::wires).orElse(WireFactory.NONE);
    return new Tap(Proxy.start(config, options, log::append, wires, clock));
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return proxy.address();
  }

  /** How many bytes have passed in both directions. */
  public long bytes() {
    return proxy.bytes();
  }

  /** Closes the listener and all connections. */
  @Override
  public void close() {
    proxy.close();
  }
}
