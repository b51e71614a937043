package dev.halley.cli;

import dev.halley.broker.ChannelNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** What the commands that talk to a server have in common. */
final class ClientFlags {
  private static final String URL = "--url";
  private static final String TOKEN = "--token";
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";

  /** The environment variable with a token for the clients. */
  static final String TOKEN_VARIABLE = "HALLEY_TOKEN";

  private ClientFlags() {}

  /** {@code --url}. */
  static OptionSpec url() {
    return text(URL, "URL", "The server; HALLEY_URL sets it too [" + DEFAULT_URL + "]");
  }

  /** {@code --token}. */
  static OptionSpec token() {
    return text(TOKEN, "TOKEN", "What the server wants to see; better set " + TOKEN_VARIABLE);
  }

  /** The token that the flag or the environment has. */
  static Optional<String> token(ParseResult arguments, Map<String, String> environment) {
    return given(arguments, TOKEN).or(() -> Optional.ofNullable(environment.get(TOKEN_VARIABLE)));
  }

  /** A flag with a value. */
  static OptionSpec text(String name, String label, String description) {
    return OptionSpec.builder(name)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** A flag without one. */
  static OptionSpec mark(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).arity("0").description(description).build();
  }

  /** A positional parameter. */
  static PositionalParamSpec parameter(
      int index, boolean required, String label, String description) {
    return PositionalParamSpec.builder()
        .index(String.valueOf(index))
        .arity(required ? "1" : "0..1")
        .required(required)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** The text of a flag, if it was given. */
  static Optional<String> given(ParseResult arguments, String name) {
    return Optional.ofNullable(arguments.matchedOptionValue(name, null));
  }

  /**
   * The value of a flag, or of {@code fallback} if it wasn't given.
   *
   * @throws CommandException if it is not one of {@code type}
   */
  static <T> T value(ParseResult arguments, String name, ValueType<T> type, String fallback) {
    try {
      return type.parse(given(arguments, name).orElse(fallback));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(name + ": " + e.getMessage());
    }
  }

  /**
   * The server that the flag or the environment names.
   *
   * @throws CommandException if that is no URL
   */
  static Endpoint endpoint(ParseResult arguments, Map<String, String> environment) {
    return Endpoint.of(
        given(arguments, URL).orElseGet(() -> environment.getOrDefault("HALLEY_URL", DEFAULT_URL)));
  }

  /**
   * Channel names separated by commas.
   *
   * @throws CommandException if one isn't a name
   */
  static List<String> channels(String text) {
    List<String> channels = List.of(text.split(",", -1));
    for (String channel : channels) {
      if (!ChannelNames.isValid(channel)) {
        throw CommandException.usage("\"" + channel + "\": " + ChannelNames.RULE);
      }
    }
    return channels;
  }
}
