package dev.halley.server.access;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.Permission;
import dev.halley.server.ServerConfig;
import java.util.Comparator;
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

  /** What listening to a channel needs. */
  Permission toSubscribe(String channel) {
    return policies.rules(channel).subscribe();
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
