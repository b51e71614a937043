package dev.halley.server.access;

import dev.halley.server.Permission;
import java.time.Instant;
import java.util.Optional;

/** Somebody of whom nothing is known. */
record AnonymousCaller(AccessRules rules) implements Caller {
  private static final String LISTENING = "Listening to this channel needs ";
  private static final String PUBLISHING = "Publishing needs ";

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
    return false;
  }

  @Override
  public Optional<Refusal> subscribeRefusal(String channel) {
    return refusal(LISTENING, rules.toSubscribe(channel));
  }

  @Override
  public Optional<Refusal> subscribeRefusal() {
    return refusal(LISTENING, rules.leastToSubscribe());
  }

  @Override
  public Optional<Refusal> publishRefusal(String channel) {
    return refusal(PUBLISHING, rules.toPublish(channel))
        .or(() -> AccessRules.publishRefusal(channel));
  }

  @Override
  public Optional<Refusal> publishRefusal() {
    return refusal(PUBLISHING, rules.leastToPublish());
  }

  private static Optional<Refusal> refusal(String action, Permission needed) {
    return switch (needed) {
      case ANYONE -> Optional.empty();
      case TOKEN -> Optional.of(Refusal.anonymous(action + "a token that allows it"));
      case HOOK -> Optional.of(Refusal.NOT_ASKED_HERE);
      case KEY -> Optional.of(Refusal.anonymous(action + "Authorization: Bearer <api key>"));
    };
  }
}
