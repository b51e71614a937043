package dev.halley.server.access;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelPolicy;
import dev.halley.server.Permission;
import dev.halley.server.ServerConfig;
import java.util.List;
import java.util.Optional;

/** What the configuration says of who may do what on a channel without the API key. */
final class AccessRules {
  private static final Optional<Refusal> SUBSCRIBING =
      Optional.of(
          Refusal.anonymous("Listening to this channel needs Authorization: Bearer <api key>"));
  private static final Optional<Refusal> PUBLISHING =
      Optional.of(Refusal.anonymous("Publishing needs Authorization: Bearer <api key>"));

  private final ChannelPolicies policies;
  private final boolean differ;
  private final Optional<Refusal> elsewhere;
  private final Optional<Refusal> everywhere;

  AccessRules(ServerConfig config) {
    List<ChannelPolicy> given = config.policies();
    policies = ChannelPolicies.of(config);
    differ = given.stream().anyMatch(it -> it.subscribe().or(it::publish).isPresent());
    elsewhere = config.access().apiKey().isPresent() ? PUBLISHING : Optional.empty();
    boolean open =
        given.stream().anyMatch(it -> it.publish().equals(Optional.of(Permission.ANYONE)));
    everywhere = open ? Optional.empty() : elsewhere;
  }

  Optional<Refusal> subscribing(String channel) {
    return differ && policies.rules(channel).subscribe().equals(Optional.of(Permission.KEY))
        ? SUBSCRIBING
        : Optional.empty();
  }

  Optional<Refusal> publishing(String channel) {
    Optional<Permission> permission = differ ? policies.rules(channel).publish() : Optional.empty();
    if (permission.isEmpty()) {
      return elsewhere;
    }
    return switch (permission.get()) {
      case ANYONE -> Optional.empty();
      case KEY -> PUBLISHING;
    };
  }

  /** What stands against publishing to every channel. */
  Optional<Refusal> publishingAnywhere() {
    return everywhere;
  }
}
