package dev.halley.cli;

import dev.halley.server.AddressRange;
import dev.halley.server.Rate;
import dev.halley.server.ServerConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the text of a setting becomes its value.
 *
 * @param label stands for the value in the help: {@code DURATION}
 * @param rule ends the sentence "X is not …"
 * @param parser throws an {@link IllegalArgumentException} of any text where the text breaks the
 *     rule
 */
record ValueType<T>(String label, String rule, Function<String, T> parser) {
  private static final Pattern DURATION = Pattern.compile("([0-9][0-9_]*)(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9][0-9_]*)(B|KiB|MiB|GiB)?");
  private static final Pattern RATE = Pattern.compile("([0-9][0-9_]*)/(s|m|h)");
  private static final Pattern COUNT = Pattern.compile("[0-9][0-9_]*");

  /** Any text. */
  static final ValueType<String> TEXT = new ValueType<>("TEXT", "a text", Function.identity());

  /** A text that may be absent: written as the empty one. */
  static final ValueType<Optional<String>> OPTIONAL_TEXT =
      new ValueType<>("TEXT", "a text", ValueType::optional);

  /** The path of a URL that may be absent. */
  static final ValueType<Optional<String>> OPTIONAL_PATH =
      new ValueType<>("PATH", "a path that begins with /", ValueType::optionalPath);

  /** The path of a file that may be absent. */
  static final ValueType<Optional<String>> OPTIONAL_FILE =
      new ValueType<>("FILE", "a file", ValueType::optional);

  /** A URL that may be absent. */
  static final ValueType<Optional<String>> OPTIONAL_URL =
      new ValueType<>("URL", "a URL", text -> optional(text).map(it -> URI.create(it).toString()));

  /** On or off; the flag alone is on. */
  static final ValueType<Boolean> SWITCH =
      new ValueType<>("true|false", "true or false", ValueType::onOrOff);

  /** Texts separated by commas. */
  static final ValueType<List<String>> LIST =
      new ValueType<>("TEXT[,TEXT…]", "a list", ValueType::list);

  /** Addresses, each perhaps with how many of its bits count. */
  static final ValueType<List<AddressRange>> ADDRESSES =
      new ValueType<>(
          "ADDRESS[/BITS][,…]",
          "a list of addresses such as 127.0.0.1 or 10.0.0.0/8, with no bits set behind those that count",
          text -> list(text).stream().map(AddressRange::parse).toList());

  /** {@code 500ms}, {@code 30s}, {@code 10m}, {@code 1h}, {@code 2d}. */
  static final ValueType<Duration> DURATIONS =
      new ValueType<>(
          "DURATION", "a duration such as 500ms, 30s, 10m, 1h or 2d", ValueType::duration);

  /** Bytes that fit an int: {@code 65536}, {@code 64KiB}, {@code 1MiB}. */
  static final ValueType<Integer> SIZES =
      new ValueType<>(
          "SIZE", "a size below 2GiB such as 65536, 64KiB or 1MiB", t -> Math.toIntExact(size(t)));

  /** Bytes that fit a long. */
  static final ValueType<Long> LARGE_SIZES =
      new ValueType<>("SIZE", "a size such as 65536, 64KiB, 1MiB or 4GiB", ValueType::size);

  /** Bytes that fit a long, or what follows from the memory at hand. */
  static final ValueType<Optional<Long>> AUTO_SIZE =
      new ValueType<>(
          "SIZE|auto",
          "auto or " + LARGE_SIZES.rule(),
          text -> text.equals("auto") ? Optional.empty() : Optional.of(size(text)));

  /** {@code 10/s}, {@code 600/m}, {@code 1_000/h}. */
  static final ValueType<Rate> RATES =
      new ValueType<>("RATE", "a rate such as 10/s, 600/m or 1_000/h", ValueType::rate);

  /** A rate that may be absent. */
  static final ValueType<Optional<Rate>> OPTIONAL_RATE =
      new ValueType<>(
          "RATE",
          RATES.rule(),
          text -> text.isEmpty() ? Optional.empty() : Optional.of(rate(text)));

  /** A whole number of at least 1. */
  static final ValueType<Integer> COUNTS = numbers("COUNT", "number", 1, Integer.MAX_VALUE);

  /** A whole number from {@code min} to {@code max}, which may be written {@code 100_000}. */
  static ValueType<Integer> numbers(String label, String what, int min, int max) {
    return new ValueType<>(
        label, "a " + what + " from " + min + " to " + max, text -> number(text, min, max));
  }

  /** One of an enum's constants, written in lower case; {@code -} and {@code _} are the same. */
  static <E extends Enum<E>> ValueType<E> oneOf(List<E> constants) {
    String names = constants.stream().map(ValueType::name).collect(Collectors.joining("|"));
    return new ValueType<>(
        names,
        "one of " + names.replace("|", ", "),
        text ->
            constants.stream()
                .filter(constant -> name(constant).replace('_', '-').equals(text.replace('_', '-')))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
  }

  /** Some of an enum's constants, separated by commas. */
  static <E extends Enum<E>> ValueType<Set<E>> setOf(List<E> constants) {
    ValueType<E> one = oneOf(constants);
    return new ValueType<>(
        one.label() + "[,…]",
        "a list of " + one.label().replace("|", ", "),
        text -> list(text).stream().map(one::parse).collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException with one line if {@code text} breaks the rule
   */
  T parse(String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not " + rule, e);
    }
  }

  static String name(Enum<?> constant) {
    String lower = constant.name().toLowerCase(Locale.ROOT);
    // io_uring has an underscore wherever people write of it.
    return constant == ServerConfig.Io.IO_URING ? lower : lower.replace('_', '-');
  }

  private static Optional<String> optional(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static Optional<String> optionalPath(String text) {
    if (!text.isEmpty() && !text.startsWith("/")) {
      throw new IllegalArgumentException();
    }
    return optional(text);
  }

  private static boolean onOrOff(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private static List<String> list(String text) {
    return Stream.of(text.split(",", -1))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  private static int number(String text, int min, int max) {
    if (!COUNT.matcher(text).matches()) {
      throw new IllegalArgumentException();
    }
    int value = Integer.parseInt(digits(text));
    if (value < min || value > max) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static Rate rate(String text) {
    Matcher matcher = matching(RATE, text);
    return new Rate(Integer.parseInt(digits(matcher.group(1))), duration("1" + matcher.group(2)));
  }

  private static Duration duration(String text) {
    Matcher matcher = matching(DURATION, text);
    long amount = Long.parseLong(digits(matcher.group(1)));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static long size(String text) {
    Matcher matcher = matching(SIZE, text);
    long unit =
        switch (Optional.ofNullable(matcher.group(2)).orElse("B")) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1L;
        };
    return Math.multiplyExact(Long.parseLong(digits(matcher.group(1))), unit);
  }

  private static Matcher matching(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException();
    }
    return matcher;
  }

  private static String digits(String text) {
    return text.replace("_", "");
  }
}
