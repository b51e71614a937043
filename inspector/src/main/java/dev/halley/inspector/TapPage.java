package dev.halley.inspector;

import dev.halley.inspector.page.PageServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;

/** A page that shows what a {@link TapLog} gets, for as many browsers as want to look on. */
public final class TapPage implements AutoCloseable {
  private final PageServer server;

  private TapPage(PageServer server) {
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @param address of the loopback interface, unless everybody may look on
   * @param bytes how many have passed
   * @throws IOException if the port can't be had
   */
  public static TapPage start(InetSocketAddress address, TapLog log, LongSupplier bytes)
      throws IOException {
    return new TapPage(PageServer.start(address, log, bytes));
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.address();
  }

  /** Leaves the browsers that look on. */
  @Override
  public void close() {
    server.close();
  }
}
