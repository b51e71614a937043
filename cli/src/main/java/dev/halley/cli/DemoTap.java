package dev.halley.cli;

import dev.halley.inspector.Tap;
import dev.halley.inspector.TapConfig;
import dev.halley.inspector.TapLog;
import dev.halley.inspector.TapPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The tap in front of the demos: visitors come through it, and a page on this machine shows what
 * they and the server say. Credentials are masked.
 */
final class DemoTap implements AutoCloseable {
  private final Tap tap;
  private final TapPage page;

  private DemoTap(Tap tap, TapPage page) {
    this.tap = tap;
    this.page = page;
  }

  /**
   * Starts both.
   *
   * @param listen where visitors come in
   * @param server where the demos' server listens
   * @param pagePort the page's port on the loopback address; 0 lets the system choose
   * @throws IOException if visitors can't be listened for
   * @throws CommandException if the page's port can't be had
   */
  static DemoTap start(InetSocketAddress listen, InetSocketAddress server, int pagePort)
      throws IOException {
    TapLog log = new TapLog(TapJob.MOST_EVENTS, TapJob.MOST_BYTES);
    TapConfig config =
        new TapConfig(
            listen,
            server.getAddress().getHostAddress(),
            server.getPort(),
            false,
            false,
            TapConfig.DEFAULT_CUT,
            false);
    Tap tap = Tap.start(config, log, Optional.empty(), InstantSource.system());
    InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), pagePort);
    try {
      return new DemoTap(tap, TapPage.start(local, log, tap::bytes));
    } catch (IOException e) {
      tap.close();
      throw TapJob.taken(local, e, DemoCommand.TAP);
    }
  }

  /** Where visitors come in. */
  InetSocketAddress address() {
    return tap.address();
  }

  /** Where the page is. */
  InetSocketAddress page() {
    return page.address();
  }

  @Override
  public void close() {
    tap.close();
    page.close();
  }
}
