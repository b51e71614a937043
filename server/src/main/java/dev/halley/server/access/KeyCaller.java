package dev.halley.server.access;

import java.time.Instant;
import java.util.Optional;

/**
 * One of the operator's own backends: it has the API key, and may do everything that anybody may.
 */
enum KeyCaller implements Caller {
  INSTANCE;

  @Override
  public Optional<String> subject() {
    return Optional.empty();
  }

  @Override
  public Optional<Instant> expiry() {
    return Optional.empty();
  }

  @Override
  public boolean hasKey() {
    return true;
  }

  @Override
  public Optional<Refusal> subscribeRefusal(String channel) {
    return Optional.empty();
  }

  @Override
  public Optional<Refusal> subscribeRefusal() {
    return Optional.empty();
  }

  @Override
  public Optional<Refusal> publishRefusal(String channel) {
    return AccessRules.publishRefusal(channel);
  }

  @Override
  public Optional<Refusal> publishRefusal() {
    return Optional.empty();
  }
}
