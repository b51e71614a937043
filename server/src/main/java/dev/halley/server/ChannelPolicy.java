package dev.halley.server;

import dev.halley.broker.ChannelNames;
import dev.halley.broker.HistoryLimits;
import dev.halley.server.ServerConfig.Overflow;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What holds for the channels that a pattern matches. What is empty comes from the server-wide
 * settings.
 *
 * @param pattern a channel's name, or how names begin with {@code *} behind it; {@code *} alone
 *     matches all
 * @param subscribe who may listen
 * @param publish who may publish
 * @param history what is kept; told to the broker by {@link ChannelPolicies#history}
 * @param overflow what happens to a stream that the log has left behind
 * @param payload the bytes of one publication
 * @param rates how often may be published
 * @param presence whether one can ask who listens
 */
public record ChannelPolicy(
    String pattern,
    Optional<Permission> subscribe,
    Optional<Permission> publish,
    History history,
    Optional<Overflow> overflow,
    Optional<Integer> payload,
    Rates rates,
    Optional<Boolean> presence) {
  private static final String RULE =
      "a pattern is a channel's name, or its beginning and a * at the end";

  /**
   * Checks pattern and payload.
   *
   * @throws IllegalArgumentException with the rule that one breaks
   */
  public ChannelPolicy {
    if (!isPattern(pattern)) {
      throw new IllegalArgumentException(RULE);
    }
    if (payload.isPresent() && payload.get() < 1) {
      throw new IllegalArgumentException("a policy's payload is at least 1");
    }
  }

  /**
   * The parts of {@link HistoryLimits} that differ from the server-wide ones.
   *
   * @param publications kept of one channel
   * @param bytes kept of one channel
   * @param age of the oldest one kept
   */
  public record History(
      Optional<Integer> publications, Optional<Long> bytes, Optional<Duration> age) {
    /** As everywhere. */
    public static final History SERVER_WIDE =
        new History(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public History {
      new HistoryLimits(
          publications.orElse(1), bytes.orElse(1L), age.orElseGet(() -> Duration.ofHours(1)));
    }

    HistoryLimits or(HistoryLimits serverWide) {
      return new HistoryLimits(
          publications.orElse(serverWide.publications()),
          bytes.orElse(serverWide.bytes()),
          age.orElse(serverWide.age()));
    }
  }

  /**
   * How often may be published.
   *
   * @param perConnection on all of the policy's channels by one WebSocket
   * @param perChannel on each channel by all together
   */
  public record Rates(Optional<Rate> perConnection, Optional<Rate> perChannel) {
    /** As often as anybody likes. */
    public static final Rates UNBOUNDED = new Rates(Optional.empty(), Optional.empty());
  }

  /** A policy that changes nothing yet. */
  public static ChannelPolicy of(String pattern) {
    return new ChannelPolicy(
        pattern,
        Optional.empty(),
        Optional.empty(),
        History.SERVER_WIDE,
        Optional.empty(),
        Optional.empty(),
        Rates.UNBOUNDED,
        Optional.empty());
  }

  /** The same with a permission to listen. */
  public ChannelPolicy withSubscribe(Permission other) {
    return with(copy -> copy.subscribe = Optional.of(other));
  }

  /** The same with a permission to publish. */
  public ChannelPolicy withPublish(Permission other) {
    return with(copy -> copy.publish = Optional.of(other));
  }

  /** The same with another history. */
  public ChannelPolicy withHistory(History other) {
    return with(copy -> copy.history = other);
  }

  /** The same with another overflow. */
  public ChannelPolicy withOverflow(Overflow other) {
    return with(copy -> copy.overflow = Optional.of(other));
  }

  /** The same with another payload. */
  public ChannelPolicy withPayload(int other) {
    return with(copy -> copy.payload = Optional.of(other));
  }

  /** The same with other rates. */
  public ChannelPolicy withRates(Rates other) {
    return with(copy -> copy.rates = other);
  }

  /** The same with presence, or without. */
  public ChannelPolicy withPresence(boolean other) {
    return with(copy -> copy.presence = Optional.of(other));
  }

  /** Whether it holds for the channel with this name. */
  public boolean matches(String channel) {
    return isPrefix()
        ? channel.regionMatches(0, pattern, 0, pattern.length() - 1)
        : channel.equals(pattern);
  }

  /** Whether it holds for every channel that the other one holds for. */
  boolean covers(ChannelPolicy other) {
    // A * is in no name, so a prefix matches a longer pattern as it matches a name.
    return isPrefix() ? matches(other.pattern) : pattern.equals(other.pattern);
  }

  private boolean isPrefix() {
    return pattern.endsWith("*");
  }

  private static boolean isPattern(String pattern) {
    return pattern.endsWith("*")
        ? pattern.length() == 1 || ChannelNames.isValid(pattern.substring(0, pattern.length() - 1))
        : ChannelNames.isValid(pattern);
  }

  boolean asksFor(Permission permission) {
    return subscribe
        .filter(permission::equals)
        .or(() -> publish.filter(permission::equals))
        .isPresent();
  }

  private ChannelPolicy with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.policy();
  }

  /** The components while one of them is changed. */
  private static final class Copy {
    final String pattern;
    Optional<Permission> subscribe;
    Optional<Permission> publish;
    History history;
    Optional<Overflow> overflow;
    Optional<Integer> payload;
    Rates rates;
    Optional<Boolean> presence;

    Copy(ChannelPolicy policy) {
      pattern = policy.pattern;
      subscribe = policy.subscribe;
      publish = policy.publish;
      history = policy.history;
      overflow = policy.overflow;
      payload = policy.payload;
      rates = policy.rates;
      presence = policy.presence;
    }

    ChannelPolicy policy() {
      return new ChannelPolicy(
          pattern, subscribe, publish, history, overflow, payload, rates, presence);
    }
  }
}
