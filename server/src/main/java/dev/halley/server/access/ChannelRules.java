package dev.halley.server.access;

import dev.halley.server.ServerConfig;
import java.util.Optional;

/** What the configuration says of who may do what on a channel. */
final class ChannelRules {
  private final Optional<Refusal> anonymousPublishing;

  ChannelRules(ServerConfig.Access access) {
    anonymousPublishing =
        access
            .apiKey()
            .map(key -> Refusal.anonymous("Publishing needs Authorization: Bearer <api key>"));
  }

  Optional<Refusal> anonymousPublishing() {
    return anonymousPublishing;
  }
}
