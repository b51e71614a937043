package dev.halley.server.access;

import java.util.Optional;

/** Somebody of whom nothing is known. */
record AnonymousCaller(AccessRules rules) implements Caller {
  @Override
  public boolean hasKey() {
    return false;
  }

  @Override
  public Optional<Refusal> subscribeRefusal(String channel) {
    return rules.subscribing(channel);
  }

  @Override
  public Optional<Refusal> publishRefusal(String channel) {
    return rules.publishing(channel);
  }

  @Override
  public Optional<Refusal> publishRefusal() {
    return rules.publishingAnywhere();
  }
}
