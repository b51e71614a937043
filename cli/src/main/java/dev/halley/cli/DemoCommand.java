package dev.halley.cli;

import dev.halley.server.ServerConfig;
import dev.halley.showcase.DataException;
import dev.halley.showcase.DemoServer;
import dev.halley.showcase.Showcase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley demo}: runs the showcase until a signal ends it. */
final class DemoCommand implements Command {
  private static final String HOST = "--host";
  private static final String PORT = "--port";
  private static final String DATA = "--data";
  static final String TAP = "--tap";

  private final Terminal terminal;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("demo");
    spec.usageMessage()
        .description("Show what server push is for, live in a browser, until SIGTERM or SIGINT.")
        .synopsisHeading("Usage: ")
        .customSynopsis("halley demo [FLAGS]")
        .footer(
            "",
            "With --host 0.0.0.0 phones in the local network can take part, as can everybody there.");
    return spec.addOption(flag(HOST, Settings.HOST))
        .addOption(flag(PORT, Settings.PORT))
        .addOption(
            ClientFlags.text(
                DATA,
                "DIR",
                "Keep the chat in this directory [in memory: it ends with the process]"))
        .addOption(
            ClientFlags.text(
                TAP,
                "PORT",
                "Tap the demos, and show every request and frame on a page at this port of this"
                    + " machine; 0 lets the system choose [not tapped]"));
  }

  private static OptionSpec flag(String name, Setting<?> setting) {
    String given = " [" + setting.defaultText() + "]";
    return ClientFlags.text(name, setting.type().label(), setting.description() + given);
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    Optional<Path> data = ClientFlags.given(arguments, DATA).map(Path::of);
    ServerConfig.Network network =
        new ServerConfig.Network(
            ClientFlags.value(arguments, HOST, Settings.HOST.type(), Settings.HOST.defaultText()),
            ClientFlags.value(arguments, PORT, Settings.PORT.type(), Settings.PORT.defaultText()),
            ServerConfig.defaults().network().io(),
            0);
    DeadThreads.endTheProcess();
    Running running =
        ClientFlags.given(arguments, TAP).isEmpty()
            ? new Running(start(network, data, Optional::empty), Optional.empty())
            : tapped(network, data, ClientFlags.value(arguments, TAP, Settings.PORT.type(), ""));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running), "halley-stop"));
    announce(running);
    WarmUp.begin();
    new CountDownLatch(1).await();
    return 0;
  }

  /** What visitors come to: the server, or the tap in front of it. */
  private record Running(DemoServer server, Optional<DemoTap> tap) {
    InetSocketAddress address() {
      return tap.map(DemoTap::address).orElseGet(server::address);
    }
  }

  private static Running tapped(ServerConfig.Network network, Optional<Path> data, int pagePort) {
    AtomicReference<Optional<URI>> page = new AtomicReference<>(Optional.empty());
    ServerConfig.Network behind =
        new ServerConfig.Network("127.0.0.1", 0, network.io(), network.threads());
    DemoServer server = start(behind, data, page::get);
    try {
      InetSocketAddress listen = new InetSocketAddress(network.host(), network.port());
      DemoTap tap = DemoTap.start(listen, server.address(), pagePort);
      page.set(Optional.of(pageOf(tap)));
      return new Running(server, Optional.of(tap));
    } catch (IOException e) {
      server.close();
      throw BindFailure.explain(network, e);
    } catch (CommandException e) {
      server.close();
      throw e;
    }
  }

  private static URI pageOf(DemoTap tap) {
    return URI.create(HttpUrls.of(tap.page()) + "/");
  }

  private static DemoServer start(
      ServerConfig.Network network, Optional<Path> data, Supplier<Optional<URI>> tapPage) {
    ServerConfig config = Showcase.serverConfig(network);
    try {
      return DemoServer.start(config, Showcase.brokerLimits(), data, tapPage);
    } catch (DataException e) {
      throw CommandException.failure(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw BindFailure.explain(config.network(), e);
    }
  }

  private void announce(Running running) {
    InetSocketAddress address = running.address();
    if (!address.getAddress().isLoopbackAddress()) {
      terminal.err().println("WARNING: anybody who can reach this port may take part and publish.");
    }
    terminal.out().println("open " + HttpUrls.reachable(address) + "/ in a browser");
    running
        .tap()
        .ifPresent(tap -> terminal.out().println(pageOf(tap) + " shows what is said there"));
    terminal.out().flush();
  }

  /** Ends the process with 0 instead of 143 or 130: to be stopped is what a server is for. */
  private static void stop(Running running) {
    LogShutdown.end(
        () -> {
          running.tap().ifPresent(DemoTap::close);
          running.server().close();
        });
  }
}
