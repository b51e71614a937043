package dev.halley.server.access;

import dev.halley.broker.PresenceChannels;
import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.Permission;
import dev.halley.server.ServerConfig;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;

/** What the configuration says of who may do what on a channel. */
final class AccessRules {
  private final ChannelPolicies policies;
  private final Permission leastToSubscribe;
  private final Permission leastToPublish;

  AccessRules(ServerConfig config) {
    policies = ChannelPolicies.of(config);
    leastToSubscribe = least(ChannelRules::subscribe);
    leastToPublish = least(ChannelRules::publish);
  }

  private Permission least(Function<ChannelRules, Permission> needed) {
    return policies.all().stream().map(needed).min(Comparator.naturalOrder()).orElseThrow();
  }

  /** What listening to a channel needs: for who comes and goes, what the channel itself does. */
  Permission toSubscribe(String channel) {
    return policies.rules(PresenceChannels.watched(channel)).subscribe();
  }

  /** Who comes and goes is for the server alone to say. */
  static Optional<Refusal> publishRefusal(String channel) {
    return PresenceChannels.isOne(channel)
        ? Optional.of(Refusal.forbidden("The server alone publishes who is present"))
        : Optional.empty();
  }

  /** What publishing to a channel needs. */
  Permission toPublish(String channel) {
    return policies.rules(channel).publish();
  }

  /** What listening needs where it needs least. */
  Permission leastToSubscribe() {
    return leastToSubscribe;
  }

  /** What publishing needs where it needs least. */
  Permission leastToPublish() {
    return leastToPublish;
  }
}
