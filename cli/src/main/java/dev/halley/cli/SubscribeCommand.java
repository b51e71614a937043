package dev.halley.cli;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley subscribe}: prints a message a line. */
final class SubscribeCommand implements Command {
  private static final String TRANSPORT = "--transport";
  private static final String SINCE = "--since";
  private static final String LIMIT = "--limit";
  private static final String INTERVAL = "--interval";
  private static final String VERBOSE = "--verbose";
  private static final String JSON = "--json";
  private static final String RAW = "--raw";

  private static final Duration LONG_POLL = Duration.ofSeconds(30);
  private static final Duration PING_AFTER = Duration.ofSeconds(30);

  /** A server sends a comment every 25 seconds unless it is told otherwise. */
  private static final Duration STREAM_SILENCE = Duration.ofMinutes(2);

  private final Map<String, String> environment;
  private final Terminal terminal;
  private final Pause pause;

  SubscribeCommand(Map<String, String> environment, Terminal terminal, Pause pause) {
    this.environment = environment;
    this.terminal = terminal;
    this.pause = pause;
  }

  /** The four ways to listen. */
  enum Transport {
    POLL,
    LONG_POLL,
    SSE,
    WEBSOCKET
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("subscribe");
    spec.usageMessage()
        .description("Print the messages of one or more channels, a message a line.")
        .footer(
            "",
            "Binary messages are printed in base64. JSON stays JSON, on one line; in other text line",
            "ends and backslashes are printed as \\n, \\r and \\\\. What could steer a terminal is printed",
            "as \\u001b.",
            "A lost connection is taken up again where it broke. What can no longer be read, and",
            "what happens to the connection, is told on standard error.");
    spec.addPositional(
        ClientFlags.parameter(0, true, "CHANNEL[,CHANNEL…]", "The channels' names."));
    spec.addOption(ClientFlags.url());
    spec.addOption(ClientFlags.token());
    spec.addOption(
        ClientFlags.text(TRANSPORT, "poll|long-poll|sse|websocket", "How to listen [websocket]"));
    spec.addOption(
        ClientFlags.text(
            SINCE,
            "POSITION",
            "Where to begin: earliest, latest, or a position for each channel, separated by"
                + " commas [latest]"));
    spec.addOption(ClientFlags.text(LIMIT, "COUNT", "End after so many messages."));
    spec.addOption(
        ClientFlags.text(INTERVAL, "DURATION", "How often to poll if there is nothing [1s]"));
    spec.addOption(
        ClientFlags.mark(
            JSON, "Print an object a line: channel, position and text, for programs."));
    spec.addOption(
        ClientFlags.mark(
            RAW, "Print messages as they are; never to a terminal if others may publish."));
    return spec.addOption(
        ClientFlags.mark(VERBOSE, "Begin each line with channel, position and a tabulator."));
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    List<String> channels = ClientFlags.channels(arguments.matchedPositionalValue(0, ""));
    if (new HashSet<>(channels).size() < channels.size()) {
      throw CommandException.usage("subscribe takes each channel once");
    }
    Transport transport =
        ClientFlags.value(
            arguments, TRANSPORT, ValueType.oneOf(List.of(Transport.values())), "websocket");
    Duration interval = ClientFlags.value(arguments, INTERVAL, ValueType.DURATIONS, "1s");
    long limit =
        ClientFlags.given(arguments, LIMIT).isPresent()
            ? ClientFlags.value(arguments, LIMIT, ValueType.COUNTS, "")
            : Long.MAX_VALUE;
    Cursors cursors = new Cursors(channels, ClientFlags.given(arguments, SINCE).orElse("latest"));
    Endpoint endpoint =
        ClientFlags.endpoint(arguments, environment)
            .withBearer(ClientFlags.token(arguments, environment));
    new Subscription(
            terminal,
            cursors,
            limit,
            arguments.hasMatchedOption(VERBOSE),
            form(arguments),
            new Backoff(new Random()))
        .run(feed(transport, endpoint, interval, pause), pause);
    return 0;
  }

  private static Subscription.Form form(ParseResult arguments) {
    boolean json = arguments.hasMatchedOption(JSON);
    boolean raw = arguments.hasMatchedOption(RAW);
    if (json && (raw || arguments.hasMatchedOption(VERBOSE))) {
      throw CommandException.usage("--json is given without --raw and --verbose");
    }
    return json ? Subscription.Form.JSON : raw ? Subscription.Form.RAW : Subscription.Form.ESCAPED;
  }

  static Feed feed(Transport transport, Endpoint endpoint, Duration interval, Pause pause) {
    return switch (transport) {
      case POLL -> new PollFeed(endpoint, Duration.ZERO, interval, pause);
      case LONG_POLL -> new PollFeed(endpoint, LONG_POLL, Duration.ZERO, pause);
      case SSE -> new SseFeed(endpoint, STREAM_SILENCE);
      case WEBSOCKET -> new WebSocketFeed(endpoint, PING_AFTER);
    };
  }
}
