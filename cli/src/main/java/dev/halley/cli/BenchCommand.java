package dev.halley.cli;

import dev.halley.loadgen.EchoLoad;
import dev.halley.loadgen.FanoutLoad;
import dev.halley.loadgen.IdleLoad;
import dev.halley.loadgen.Load;
import dev.halley.loadgen.LoadLoop;
import dev.halley.loadgen.LoadResult;
import dev.halley.loadgen.ResumeLoad;
import dev.halley.loadgen.ServerProbe;
import dev.halley.loadgen.StallLoad;
import dev.halley.websocket.Header;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley bench}: measures a server, one of its own if none is named. */
final class BenchCommand implements Command {
  private static final String URL = "--url";
  private static final String ECHO = "--echo";
  private static final String ONLY = "--only";
  private static final String TIME = "--time";
  private static final String CONNECTIONS = "--connections";
  private static final String SUBSCRIBERS = "--subscribers";
  private static final String IDLE = "--idle";
  private static final String MESSAGES = "--messages";
  private static final String API_KEY = "--api-key";
  private static final String DEFLATE = "--deflate";
  private static final String JSON = "--json";
  private static final String DEFAULT_ECHO = "/echo";
  private static final ValueType<Integer> PLENTY =
      ValueType.numbers("COUNT", "number", 1, 1_000_000);

  private final Map<String, String> environment;
  private final Terminal terminal;

  BenchCommand(Map<String, String> environment, Terminal terminal) {
    this.environment = environment;
    this.terminal = terminal;
  }

  /** What can be measured. */
  private enum Kind {
    ECHO,
    FANOUT,
    IDLE,
    RESUME,
    STALL
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("bench");
    spec.usageMessage()
        .description("Measure a server: one of its own, or the one that --url names.")
        .footer(
            "",
            "Every message is checked: what is lost, doubled or out of order is a fault, and the",
            "exit code is 1. Generator and server share this machine's processors, so compare",
            "figures of one machine, in turn, and look at the server's CPU per message.");
    spec.addOption(ClientFlags.text(URL, "URL", "A server that runs [one is started]"));
    spec.addOption(ClientFlags.text(ECHO, "PATH", "The server's echo endpoint [/echo]"));
    spec.addOption(
        ClientFlags.text(ONLY, "LIST", "Of echo, fanout, idle, resume, stall [all but stall]"));
    spec.addOption(ClientFlags.text(TIME, "DURATION", "Of each measurement [5s; of stall 60s]"));
    spec.addOption(ClientFlags.text(CONNECTIONS, "COUNT", "Connections that echo [64]"));
    spec.addOption(
        ClientFlags.text(SUBSCRIBERS, "COUNT", "Subscribers of fan-out, resume and stall [1000]"));
    spec.addOption(ClientFlags.text(IDLE, "COUNT", "Idle connections [5000]"));
    spec.addOption(ClientFlags.text(MESSAGES, "COUNT", "Messages to resume over [100]"));
    spec.addOption(
        ClientFlags.text(API_KEY, "KEY", "What the server wants; better set HALLEY_API_KEY"));
    spec.addOption(ClientFlags.mark(DEFLATE, "Offer permessage-deflate."));
    return spec.addOption(ClientFlags.mark(JSON, "Print JSON instead of a table."));
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    List<Load> plan = plan(arguments);
    Optional<URI> given = ClientFlags.given(arguments, URL).map(url -> Endpoint.of(url).base());
    boolean deflate = arguments.hasMatchedOption(DEFLATE);
    List<LoadResult> results;
    if (given.isPresent()) {
      results =
          runAll(
              plan,
              () -> new LoadLoop(address(given.get()), fields(arguments), deflate),
              ServerProbe.NONE);
    } else {
      try (ServerProcess server = ServerProcess.start(DEFAULT_ECHO)) {
        results =
            runAll(plan, () -> new LoadLoop(address(server.url()), List.of(), deflate), server);
      }
    }
    BenchReport report = new BenchReport(terminal.out());
    if (arguments.hasMatchedOption(JSON)) {
      report.json(results);
    } else {
      report.table(results);
    }
    terminal.out().flush();
    return results.stream().allMatch(it -> it.faults().isEmpty()) ? 0 : CommandException.FAILURE;
  }

  private static List<Load> plan(ParseResult arguments) {
    Set<Kind> kinds = kinds(arguments);
    double seconds = seconds(arguments, "5s");
    int connections = ClientFlags.value(arguments, CONNECTIONS, PLENTY, "64");
    int subscribers = ClientFlags.value(arguments, SUBSCRIBERS, PLENTY, "1000");
    int idle = ClientFlags.value(arguments, IDLE, PLENTY, "5000");
    int messages = ClientFlags.value(arguments, MESSAGES, PLENTY, "100");
    String echo = ClientFlags.given(arguments, ECHO).orElse(DEFAULT_ECHO);
    String channel = "bench-" + HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    List<Load> plan = new ArrayList<>();
    if (kinds.contains(Kind.ECHO)) {
      plan.add(new EchoLoad(echo, connections, 20, 1, seconds));
      plan.add(new EchoLoad(echo, connections, 1024, 1, seconds));
      plan.add(new EchoLoad(echo, connections, 16 << 10, 1, seconds));
      plan.add(new EchoLoad(echo, connections, 20, 32, seconds));
    }
    if (kinds.contains(Kind.FANOUT)) {
      plan.add(new FanoutLoad(Load.live(channel + "-a"), subscribers, 64, 1, seconds));
      plan.add(new FanoutLoad(Load.live(channel + "-b"), subscribers, 1024, 1, seconds));
      plan.add(new FanoutLoad(Load.live(channel + "-c"), subscribers, 64, 16, seconds));
    }
    if (kinds.contains(Kind.IDLE)) {
      plan.add(new IdleLoad(Load.live(channel + "-d"), idle));
    }
    if (kinds.contains(Kind.RESUME)) {
      plan.add(new ResumeLoad(channel + "-e", subscribers, messages, 64));
    }
    if (kinds.contains(Kind.STALL)) {
      int others = Math.max(subscribers - 1, 1);
      plan.add(new StallLoad(channel + "-f", others, 1024, 16, seconds(arguments, "60s")));
    }
    return plan;
  }

  private static double seconds(ParseResult arguments, String unlessGiven) {
    Duration time = ClientFlags.value(arguments, TIME, ValueType.DURATIONS, unlessGiven);
    return Math.max(time.toMillis(), 1) / 1e3;
  }

  private static Set<Kind> kinds(ParseResult arguments) {
    Optional<String> only = ClientFlags.given(arguments, ONLY);
    if (only.isEmpty()) {
      return EnumSet.complementOf(EnumSet.of(Kind.STALL));
    }
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    ValueType<Kind> type = ValueType.oneOf(List.of(Kind.values()));
    for (String name : only.get().split(",", -1)) {
      try {
        kinds.add(type.parse(name));
      } catch (IllegalArgumentException e) {
        throw CommandException.usage(ONLY + ": " + e.getMessage());
      }
    }
    return kinds;
  }

  private List<Header> fields(ParseResult arguments) {
    return ClientFlags.given(arguments, API_KEY)
        .or(() -> Optional.ofNullable(environment.get(Settings.API_KEY.variable())))
        .map(key -> List.of(new Header("Authorization", "Bearer " + key)))
        .orElse(List.of());
  }

  private static InetSocketAddress address(URI url) {
    if (!"http".equals(url.getScheme()) || !url.getPath().isEmpty()) {
      throw CommandException.usage("bench takes a URL such as http://127.0.0.1:8080");
    }
    InetSocketAddress address =
        new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort());
    if (address.isUnresolved()) {
      throw CommandException.failure("there is no host " + url.getHost());
    }
    return address;
  }

  /** A loop without connections for each measurement. */
  private interface Loops {
    LoadLoop next() throws IOException;
  }

  private List<LoadResult> runAll(List<Load> plan, Loops loops, ServerProbe server) {
    List<LoadResult> results = new ArrayList<>();
    ProgressLine progress = new ProgressLine(terminal.err());
    for (Load load : plan) {
      try (LoadLoop loop = loops.next()) {
        results.add(load.run(loop, server, progress::show));
      } catch (IOException e) {
        progress.end();
        throw CommandException.failure("this machine can't go on: " + e.getMessage());
      }
    }
    progress.end();
    return results;
  }
}
