package dev.halley.server.access;

import dev.halley.broker.PresenceChannels;
import dev.halley.server.Permission;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Somebody with a token.
 *
 * @param claims what it says
 * @param warned when to say that it will expire
 * @param fromUrl whether it stood in a URL: then it is for listening only, until another comes in a
 *     message
 */
record TokenCaller(AccessRules rules, TokenClaims claims, Instant warned, boolean fromUrl)
    implements Caller {
  private static final Duration LONGEST_WARNING = Duration.ofSeconds(30);

  /** Who comes with a token that is good now. */
  static TokenCaller of(AccessRules rules, TokenClaims claims, Instant now) {
    return new TokenCaller(rules, claims, warning(claims.expiry(), now), false);
  }

  /** The same, whose token stood in a URL. */
  TokenCaller listeningOnly() {
    return new TokenCaller(rules, claims, warned, true);
  }

  /** When to warn of an end. */
  static Instant warning(Instant expiry, Instant now) {
    Duration half = Duration.between(now, expiry).dividedBy(2);
    return expiry.minus(half.compareTo(LONGEST_WARNING) < 0 ? half : LONGEST_WARNING);
  }

  @Override
  public Optional<String> subject() {
    return claims.subject();
  }

  @Override
  public Optional<Instant> expiry() {
    return Optional.of(claims.expiry());
  }

  @Override
  public Optional<Instant> warning() {
    return Optional.of(warned);
  }

  @Override
  public boolean hasKey() {
    return false;
  }

  @Override
  public Optional<Refusal> subscribeRefusal(String channel) {
    return refusal(
        "listening",
        rules.toSubscribe(channel),
        claims.subscribe(),
        PresenceChannels.watched(channel));
  }

  @Override
  public Optional<Refusal> subscribeRefusal() {
    return refusal("listening", rules.leastToSubscribe(), !claims.subscribe().isEmpty());
  }

  @Override
  public Optional<Refusal> publishRefusal(String channel) {
    Permission needed = rules.toPublish(channel);
    return refusal("publishing", needed, claims.publish(), channel)
        .or(() -> AccessRules.publishRefusal(channel))
        .or(
            () ->
                fromUrl && needed == Permission.TOKEN
                    ? Optional.of(Refusal.FROM_URL)
                    : Optional.empty());
  }

  @Override
  public Optional<Refusal> publishRefusal() {
    return refusal("publishing", rules.leastToPublish(), !claims.publish().isEmpty());
  }

  private static Optional<Refusal> refusal(
      String action, Permission needed, List<ChannelPattern> allowed, String channel) {
    return refusal(action, needed, needed == Permission.TOKEN && anyMatches(allowed, channel));
  }

  private static boolean anyMatches(List<ChannelPattern> patterns, String channel) {
    for (int i = 0; i < patterns.size(); i++) {
      if (patterns.get(i).matches(channel)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Refusal> refusal(String action, Permission needed, boolean allowed) {
    return switch (needed) {
      case ANYONE -> Optional.empty();
      case TOKEN ->
          allowed
              ? Optional.empty()
              : Optional.of(Refusal.insufficient("The token doesn't allow " + action + " here"));
      case HOOK -> Optional.of(Refusal.NOT_ASKED_HERE);
      case KEY -> Optional.of(Refusal.insufficient("The API key alone allows " + action + " here"));
    };
  }
}
