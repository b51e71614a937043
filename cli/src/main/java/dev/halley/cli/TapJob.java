package dev.halley.cli;

import dev.halley.inspector.Capture;
import dev.halley.inspector.PcapngFile;
import dev.halley.inspector.Tap;
import dev.halley.inspector.TapConfig;
import dev.halley.inspector.TapFilter;
import dev.halley.inspector.TapLog;
import dev.halley.inspector.TapPage;
import dev.halley.inspector.TerminalView;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Runs a tap, or shows a capture, until a signal or the capture's end. */
final class TapJob {
  static final int MOST_EVENTS = 16 << 10;
  static final long MOST_BYTES = 32L << 20;

  private final Terminal terminal;
  private final Request request;
  private final TapLog log = new TapLog(MOST_EVENTS, MOST_BYTES);

  /**
   * What is asked for.
   *
   * @param ui where the page is to be
   * @param pcapng the file to be written
   */
  record Request(
      TapFilter filter,
      TerminalView.Style style,
      Optional<InetSocketAddress> ui,
      Optional<Path> pcapng) {}

  TapJob(Terminal terminal, Request request) {
    this.terminal = terminal;
    this.request = request;
  }

  /** Taps until a signal ends the process. */
  void tap(TapConfig config, String to) throws InterruptedException {
    Optional<PcapngFile> file = create(false);
    Tap tap = start(config, file);
    Optional<TapPage> page = page(tap::bytes);
    say("tapping " + HttpUrls.of(tap.address()) + " → " + to + "; Ctrl-C ends it");
    TerminalView view = view(tap::bytes);
    CountDownLatch shown = new CountDownLatch(1);
    Thread stop =
        new Thread(
            () -> {
              tap.close();
              log.end();
              await(shown);
              page.ifPresent(TapPage::close);
              close(file);
              terminal.out().flush();
              say(view.summary());
              Runtime.getRuntime().halt(0);
            },
            "halley-tap-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    view.run(0);
    shown.countDown();
    if (page.isPresent() || file.isPresent()) {
      new CountDownLatch(1).await(); // nobody reads standard output, but others do
    }
  }

  /** The last lines are worth a moment, and no more. */
  private static void await(CountDownLatch shown) {
    try {
      boolean unused = shown.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Shows a capture; then a page stays until a signal ends the process. */
  void read(Path capture, int cut, boolean showSecrets) throws InterruptedException {
    Optional<PcapngFile> file = create(true);
    Optional<TapPage> page = page(() -> 0);
    log.holdForViewer();
    Reading reading = new Reading(capture, cut, showSecrets, file);
    reading.start();
    view(() -> 0).run(0);
    log.release();
    reading.join();
    terminal.out().flush();
    close(file);
    if (reading.failure.isPresent()) {
      throw CommandException.failure(capture + ": " + reading.failure.get().getMessage());
    }
    if (page.isPresent()) {
      new CountDownLatch(1).await();
    }
  }

  private final class Reading extends Thread {
    private final Path capture;
    private final int cut;
    private final boolean showSecrets;
    private final Optional<PcapngFile> file;
    private Optional<IOException> failure = Optional.empty();

    Reading(Path capture, int cut, boolean showSecrets, Optional<PcapngFile> file) {
      super("halley-tap-read");
      setDaemon(true);
      this.capture = capture;
      this.cut = cut;
      this.showSecrets = showSecrets;
      this.file = file;
    }

    @Override
    public void run() {
      try {
        Capture.read(capture, log, cut, showSecrets, file);
      } catch (IOException e) {
        failure = Optional.of(e);
      } finally {
        log.end();
      }
    }
  }

  private TerminalView view(LongSupplier bytes) {
    return new TerminalView(log, request.filter(), request.style(), terminal.out(), bytes);
  }

  private Tap start(TapConfig config, Optional<PcapngFile> file) {
    try {
      return Tap.start(config, log, file, InstantSource.system());
    } catch (IOException e) {
      throw taken(config.listen(), e, "--listen");
    }
  }

  private Optional<TapPage> page(LongSupplier bytes) {
    if (request.ui().isEmpty()) {
      return Optional.empty();
    }
    try {
      TapPage page = TapPage.start(request.ui().get(), log, bytes);
      say("to be seen at " + HttpUrls.of(page.address()));
      return Optional.of(page);
    } catch (IOException e) {
      throw taken(request.ui().get(), e, "--ui");
    }
  }

  private Optional<PcapngFile> create(boolean waits) {
    if (request.pcapng().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(PcapngFile.create(request.pcapng().get(), waits));
    } catch (IOException e) {
      throw CommandException.failure("--pcapng: can't write " + e.getMessage());
    }
  }

  private void close(Optional<PcapngFile> file) {
    if (file.isEmpty()) {
      return;
    }
    try {
      file.get().close();
      if (file.get().dropped() > 0) {
        say("the disk was too slow for " + file.get().dropped() + " packets: they are missing");
      }
    } catch (IOException e) {
      say("--pcapng: " + e.getMessage());
    }
  }

  static CommandException taken(InetSocketAddress address, IOException e, String flag) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return CommandException.failure(
        address.getHostString()
            + ":"
            + address.getPort()
            + ": "
            + deepest.getMessage()
            + ": choose another with "
            + flag);
  }

  private void say(String line) {
    terminal.err().println(line);
  }
}
