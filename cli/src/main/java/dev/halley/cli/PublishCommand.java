package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley publish}: publishes an argument, or each line of standard input. */
final class PublishCommand implements Command {
  private static final String API_KEY = "--api-key";
  private static final String TYPE = "--type";
  private static final String TIMEOUT = "--timeout";
  private static final String VERBOSE = "--verbose";

  private final Map<String, String> environment;
  private final Terminal terminal;
  private final Pause pause;

  PublishCommand(Map<String, String> environment, Terminal terminal, Pause pause) {
    this.environment = environment;
    this.terminal = terminal;
    this.pause = pause;
  }

  /** How a message is to be read. */
  private enum Type {
    TEXT("text/plain; charset=utf-8"),
    JSON("application/json"),
    BINARY("application/octet-stream");

    private final String contentType;

    Type(String contentType) {
      this.contentType = contentType;
    }

    byte[] bytes(String message) {
      if (this != BINARY) {
        return message.getBytes(UTF_8);
      }
      try {
        return Base64.getDecoder().decode(message);
      } catch (IllegalArgumentException e) {
        throw CommandException.usage("a binary message is written in base64");
      }
    }
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("publish");
    spec.usageMessage()
        .description("Publish MESSAGE, or each line of standard input, to a channel.")
        .footer("", "A lost connection is tried again; no message is published twice.");
    spec.addPositional(ClientFlags.parameter(0, true, "CHANNEL", "The channel's name."));
    spec.addPositional(
        ClientFlags.parameter(1, false, "MESSAGE", "The message [each line of standard input]"));
    spec.addOption(ClientFlags.url());
    spec.addOption(
        ClientFlags.text(API_KEY, "KEY", "What the server wants; better set HALLEY_API_KEY"));
    spec.addOption(ClientFlags.token());
    spec.addOption(
        ClientFlags.text(TYPE, "text|json|binary", "binary is written in base64 [text]"));
    spec.addOption(
        ClientFlags.text(TIMEOUT, "DURATION", "How long to try to publish a message [30s]"));
    return spec.addOption(ClientFlags.mark(VERBOSE, "Print each message's position."));
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    List<String> channels = ClientFlags.channels(arguments.matchedPositionalValue(0, ""));
    if (channels.size() != 1) {
      throw CommandException.usage("publish takes one channel");
    }
    Type type = ClientFlags.value(arguments, TYPE, ValueType.oneOf(List.of(Type.values())), "text");
    Duration patience = ClientFlags.value(arguments, TIMEOUT, ValueType.DURATIONS, "30s");
    Optional<String> apiKey =
        ClientFlags.given(arguments, API_KEY)
            .or(() -> ClientFlags.token(arguments, Map.of()))
            .or(() -> Optional.ofNullable(environment.get(Settings.API_KEY.variable())))
            .or(() -> ClientFlags.token(arguments, environment));
    SecureRandom random = new SecureRandom();
    Publisher publisher =
        new Publisher(
            ClientFlags.endpoint(arguments, environment),
            apiKey,
            patience,
            new Publisher.Retries(InstantSource.system(), new Backoff(random), pause));
    Job job =
        new Job(
            publisher, channels.get(0), type, keys(random), arguments.hasMatchedOption(VERBOSE));
    Optional<String> message = Optional.ofNullable(arguments.matchedPositionalValue(1, null));
    if (message.isPresent()) {
      publish(job, message.get(), 0);
    } else {
      publishLines(job);
    }
    return 0;
  }

  private record Job(
      Publisher publisher, String channel, Type type, String keys, boolean verbose) {}

  private static String keys(SecureRandom random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void publishLines(Job job) throws InterruptedException {
    // Standard input is not this command's to close.
    BufferedReader lines = new BufferedReader(new InputStreamReader(terminal.in(), UTF_8));
    try {
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        publish(job, line, number++);
      }
    } catch (IOException e) {
      throw CommandException.failure("can't read standard input: " + e.getMessage());
    }
  }

  private void publish(Job job, String message, long number) throws InterruptedException {
    String position =
        job.publisher()
            .publish(
                job.channel(),
                job.type().contentType,
                job.type().bytes(message),
                job.keys() + "-" + number);
    if (job.verbose()) {
      terminal.out().println(LogText.printable(position));
      terminal.out().flush();
    }
  }
}
