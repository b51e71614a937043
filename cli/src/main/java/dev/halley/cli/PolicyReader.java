package dev.halley.cli;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelPolicy;
import dev.halley.server.Permission;
import dev.halley.server.Rate;
import dev.halley.server.ServerConfig.Overflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes channel policies of what the file says. */
final class PolicyReader {
  private static final Set<String> NAMES = new LinkedHashSet<>();

  private static final Key<String> CHANNELS = key("channels", ValueType.TEXT);
  private static final Key<Permission> SUBSCRIBE =
      key("subscribe", ValueType.oneOf(List.of(Permission.values())));
  private static final Key<Permission> PUBLISH =
      key("publish", ValueType.oneOf(List.of(Permission.values())));
  private static final Key<Integer> HISTORY_PUBLICATIONS =
      key("history.publications", ValueType.COUNTS);
  private static final Key<Long> HISTORY_BYTES = key("history.bytes", ValueType.LARGE_SIZES);
  private static final Key<Duration> HISTORY_AGE = key("history.age", ValueType.DURATIONS);
  private static final Key<Overflow> OVERFLOW =
      key("overflow", ValueType.oneOf(List.of(Overflow.values())));
  private static final Key<Integer> PAYLOAD = key("payload", ValueType.SIZES);
  private static final Key<Boolean> PRESENCE = key("presence", ValueType.SWITCH);
  private static final Key<Rate> RATE_PER_CONNECTION = key("rate.per-connection", ValueType.RATES);
  private static final Key<Rate> RATE_PER_CHANNEL = key("rate.per-channel", ValueType.RATES);

  /** What can be said of some channels. */
  private record Key<T>(String name, ValueType<T> type) {}

  private final String origin;
  private final Map<String, String> texts;

  private PolicyReader(String origin, Map<String, String> texts) {
    this.origin = origin;
    this.texts = texts;
  }

  /**
   * Reads all.
   *
   * @param file for the errors
   * @param entries of the file's list
   * @throws CommandException with the line for the operator
   */
  static List<ChannelPolicy> read(String file, List<Map<String, String>> entries) {
    List<ChannelPolicy> policies = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Map<String, String> texts = entries.get(i);
      String channels = texts.getOrDefault(CHANNELS.name(), "no channels");
      String origin = file + ": policies: entry " + (i + 1) + " (" + channels + "): ";
      policies.add(new PolicyReader(origin, texts).read());
    }
    try {
      ChannelPolicies.requireReachable(policies);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(file + ": policies: " + e.getMessage());
    }
    return policies;
  }

  private ChannelPolicy read() {
    for (String name : texts.keySet()) {
      if (!NAMES.contains(name)) {
        throw CommandException.usage(
            origin + "unknown key " + name + Suggestion.of(name, NAMES.stream()));
      }
    }
    try {
      return new ChannelPolicy(
          get(CHANNELS)
              .orElseThrow(
                  () -> new IllegalArgumentException("say for which channels: room.42 or room.*")),
          get(SUBSCRIBE),
          get(PUBLISH),
          new ChannelPolicy.History(
              get(HISTORY_PUBLICATIONS), get(HISTORY_BYTES), get(HISTORY_AGE)),
          get(OVERFLOW),
          get(PAYLOAD),
          new ChannelPolicy.Rates(get(RATE_PER_CONNECTION), get(RATE_PER_CHANNEL)),
          get(PRESENCE));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(origin + e.getMessage());
    }
  }

  private <T> Optional<T> get(Key<T> key) {
    String text = texts.get(key.name());
    if (text == null) {
      return Optional.empty();
    }
    if (text.isBlank()) {
      throw new IllegalArgumentException(key.name() + " is empty: give it a value or leave it out");
    }
    try {
      return Optional.of(key.type().parse(text.strip()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key.name() + ": " + e.getMessage(), e);
    }
  }

  private static <T> Key<T> key(String name, ValueType<T> type) {
    NAMES.add(name);
    return new Key<>(name, type);
  }
}
