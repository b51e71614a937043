package dev.halley.server;

import dev.halley.broker.HistoryLimits;
import dev.halley.broker.PresenceChannels;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds what holds for a channel: the first policy that matches, in the order in which they were
 * written. It looks at one after the other: a fan-out and a log keep the answer for as long as they
 * are there, and publishing, which may be to any channel, asks for each publication.
 */
public final class ChannelPolicies {
  private static final ChannelPolicy ALL = ChannelPolicy.of("*");

  private final List<ChannelPolicy> policies;
  private final List<ChannelRules> rules;
  private final boolean anyPresence;

  private ChannelPolicies(ServerConfig config) {
    List<ChannelPolicy> given = config.policies();
    boolean complete = !given.isEmpty() && given.getLast().covers(ALL);
    policies = complete ? given : Stream.concat(given.stream(), Stream.of(ALL)).toList();
    rules = policies.stream().map(policy -> ChannelRules.of(config, policy)).toList();
    anyPresence = rules.stream().anyMatch(ChannelRules::presence);
  }

  /** Those of a server. */
  public static ChannelPolicies of(ServerConfig config) {
    return new ChannelPolicies(config);
  }

  /** What holds for a channel. */
  public ChannelRules rules(String channel) {
    return rules.get(indexOf(channel));
  }

  /** The place of a channel's rules in {@link #all}. */
  public int indexOf(String channel) {
    int index = 0;
    while (!policies.get(index).matches(channel)) {
      index++;
    }
    return index;
  }

  /** Whether it is known of any channel who listens. */
  public boolean hasPresence() {
    return anyPresence;
  }

  /** Whether it is known who listens to a channel. */
  public boolean hasPresence(String channel) {
    return anyPresence && PresenceChannels.canHaveOne(channel) && rules(channel).presence();
  }

  /** The rule that stands against asking who listens to a channel, if one does. */
  public Optional<String> presenceProblem(String channel) {
    if (hasPresence(channel)) {
      return Optional.empty();
    }
    return Optional.of(
        PresenceChannels.canHaveOne(channel) || PresenceChannels.isOne(channel)
            ? "This channel has no presence: its policy has to say so"
            : "A channel with presence has a name of at most "
                + PresenceChannels.LONGEST
                + " characters");
  }

  /**
   * The rule that stands against listening to a channel: to who comes and goes where none is known.
   */
  public Optional<String> listenProblem(String channel) {
    return PresenceChannels.isOne(channel)
        ? presenceProblem(PresenceChannels.watched(channel))
        : Optional.empty();
  }

  /** What holds for each policy's channels, and last for those that no other matches. */
  public List<ChannelRules> all() {
    return rules;
  }

  /**
   * What is kept of a channel, for a broker that asks once for each log.
   *
   * @param policies in their order
   * @param serverWide what holds where no policy says anything
   */
  public static Function<String, HistoryLimits> history(
      List<ChannelPolicy> policies, HistoryLimits serverWide) {
    List<HistoryLimits> limits =
        policies.stream().map(policy -> policy.history().or(serverWide)).toList();
    return channel -> {
      for (int i = 0; i < limits.size(); i++) {
        if (policies.get(i).matches(channel)) {
          return limits.get(i);
        }
      }
      return serverWide;
    };
  }

  /**
   * Returns if each policy can be the first that matches.
   *
   * @throws IllegalArgumentException with the one that can't
   */
  public static void requireReachable(List<ChannelPolicy> policies) {
    for (int i = 0; i < policies.size(); i++) {
      for (int before = 0; before < i; before++) {
        if (policies.get(before).covers(policies.get(i))) {
          throw new IllegalArgumentException(
              "the policy for "
                  + policies.get(i).pattern()
                  + " is never used, for the one for "
                  + policies.get(before).pattern()
                  + " comes first: put it before that one");
        }
      }
    }
  }
}
