package dev.halley.cli;

import dev.halley.inspector.TapConfig;
import dev.halley.inspector.TapFilter;
import dev.halley.inspector.TerminalView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley tap}: shows what passes between any client and any server. */
final class TapCommand implements Command {
  private static final String LISTEN = "--listen";
  private static final String TO = "--to";
  private static final String UI = "--ui";
  private static final String PCAPNG = "--pcapng";
  private static final String READ = "--read";
  private static final String VERBOSE = "--verbose";
  private static final String ONLY = "--only";
  private static final String CHANNEL = "--channel";
  private static final String GREP = "--grep";
  private static final String CUT = "--cut";
  private static final String COLOUR = "--colour";
  private static final String SHOW_SECRETS = "--show-secrets";
  private static final String INSECURE = "--insecure";

  private final Map<String, String> environment;
  private final Terminal terminal;

  TapCommand(Map<String, String> environment, Terminal terminal) {
    this.environment = environment;
    this.terminal = terminal;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("tap");
    spec.usageMessage()
        .description(
            "Show what passes between a client and a server: requests, event streams, WebSocket"
                + " frames.")
        .footer(
            "",
            "Clients connect to --listen instead of to the server; no byte is changed.",
            "Authorization, cookies and token= are masked, unless --show-secrets is given.");
    spec.addOption(
        ClientFlags.text(LISTEN, "[HOST:]PORT", "Where clients connect [127.0.0.1:9000]"));
    spec.addOption(
        ClientFlags.text(TO, "[https://]HOST:PORT", "The server, for example localhost:8080"));
    spec.addOption(
        ClientFlags.text(UI, "[HOST:]PORT", "Show it in a browser too, at this address."));
    spec.addOption(
        ClientFlags.text(PCAPNG, "FILE", "Write what passes for Wireshark, in place of the file."));
    spec.addOption(
        ClientFlags.text(READ, "FILE", "Show a capture, pcap or pcapng, instead of a server."));
    spec.addOption(ClientFlags.mark(VERBOSE, "Show bit diagrams, header fields, whole contents."));
    spec.addOption(
        ClientFlags.text(
            ONLY, "KIND[,KIND…]", "Show only these: " + String.join(", ", TapFilter.KINDS)));
    spec.addOption(ClientFlags.text(CHANNEL, "CHANNEL", "Show only what is about this channel."));
    spec.addOption(ClientFlags.text(GREP, "REGEX", "Show only what has this in its content."));
    spec.addOption(
        ClientFlags.text(CUT, "SIZE", "How much of a payload is kept for display [4KiB]"));
    spec.addOption(ClientFlags.text(COLOUR, "auto|always|never", "Colours [auto]"));
    spec.addOption(ClientFlags.mark(SHOW_SECRETS, "Show and write credentials as they are."));
    return spec.addOption(
        ClientFlags.mark(INSECURE, "Take any certificate of an https:// server."));
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    Optional<Path> capture = ClientFlags.given(arguments, READ).map(Path::of);
    Optional<String> to = ClientFlags.given(arguments, TO);
    if (capture.isPresent() == to.isPresent()) {
      throw CommandException.usage("tap wants either --to HOST:PORT or --read FILE");
    }
    boolean showSecrets = arguments.hasMatchedOption(SHOW_SECRETS);
    TapJob job =
        new TapJob(
            terminal,
            new TapJob.Request(
                filter(arguments),
                style(arguments),
                ClientFlags.given(arguments, UI).map(text -> TapTarget.address(UI, text)),
                ClientFlags.given(arguments, PCAPNG).map(Path::of)));
    if (capture.isPresent()) {
      job.read(capture.get(), cut(arguments), showSecrets);
    } else {
      job.tap(config(arguments, to.get(), showSecrets), to.get());
    }
    return 0;
  }

  private static TapConfig config(ParseResult arguments, String to, boolean showSecrets) {
    TapTarget target = TapTarget.of(to);
    return new TapConfig(
        TapTarget.address(LISTEN, ClientFlags.given(arguments, LISTEN).orElse("9000")),
        target.host(),
        target.port(),
        target.tls(),
        arguments.hasMatchedOption(INSECURE),
        cut(arguments),
        showSecrets);
  }

  private static int cut(ParseResult arguments) {
    int cut = ClientFlags.value(arguments, CUT, ValueType.SIZES, "4KiB");
    if (cut < 128) {
      throw CommandException.usage(CUT + ": at least 128 bytes are kept");
    }
    return cut;
  }

  private static TapFilter filter(ParseResult arguments) {
    try {
      return new TapFilter(
          ClientFlags.given(arguments, ONLY).map(TapFilter::only).orElse(TapFilter.ALL.only()),
          ClientFlags.given(arguments, CHANNEL),
          ClientFlags.given(arguments, GREP).map(Pattern::compile));
    } catch (PatternSyntaxException e) {
      throw CommandException.usage(GREP + ": " + e.getDescription() + ": " + e.getPattern());
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(ONLY + ": " + e.getMessage());
    }
  }

  private TerminalView.Style style(ParseResult arguments) throws InterruptedException {
    boolean isTerminal = isTerminal();
    boolean wanted = isTerminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
    String colour = ClientFlags.given(arguments, COLOUR).orElse("auto");
    boolean colours =
        switch (colour) {
          case "auto" -> wanted;
          case "always" -> true;
          case "never" -> false;
          default ->
              throw CommandException.usage(
                  COLOUR + ": \"" + colour + "\" is not one of auto, always, never");
        };
    return new TerminalView.Style(
        colours, arguments.hasMatchedOption(VERBOSE), isTerminal, ZoneId.systemDefault());
  }

  /** Whether somebody looks at standard output. The JDK doesn't tell before release 22. */
  private static boolean isTerminal() throws InterruptedException {
    try {
      return new ProcessBuilder("sh", "-c", "test -t 1").inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
