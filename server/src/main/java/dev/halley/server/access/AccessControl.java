package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.TokenConfig;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Tells from a request's credentials who makes it. One for all connections, for any thread. */
public final class AccessControl {
  private final Optional<byte[]> apiKey;
  private final Optional<TokenVerifier> tokens;
  private final AccessRules rules;
  private final Caller anonymous;
  private final boolean asking;
  private final InstantSource clock;
  private final ServerMetrics metrics;

  /**
   * As the configuration has it.
   *
   * @param clocks by whose time of day tokens expire
   */
  public AccessControl(ServerConfig config, ServerMetrics metrics, Clocks clocks) {
    this.clock = clocks.wall();
    this.metrics = metrics;
    apiKey = config.access().apiKey().map(it -> it.getBytes(UTF_8));
    rules = new AccessRules(config);
    anonymous = new AnonymousCaller(rules);
    asking = config.hooks().isPresent();
    int longest = config.limits().requestHead();
    tokens =
        config
            .tokens()
            .map(
                it ->
                    new TokenVerifier(
                        it,
                        keys(it.keys(), clocks.steady()),
                        clock,
                        longest,
                        new RecentBySecret<>(TokenVerifier.MOST_REMEMBERED)));
  }

  private KeySource keys(TokenConfig.Keys configured, InstantSource steady) {
    return switch (configured) {
      case TokenConfig.Keys.Secret secret -> KeySource.fixed(VerificationKey.of(secret.text()));
      case TokenConfig.Keys.PublicKey publicKey ->
          KeySource.fixed(VerificationKey.of(publicKey.key()));
      case TokenConfig.Keys.KeySet set ->
          new FetchedKeys(set, new KeySetFetcher(set.url()), steady, metrics);
    };
  }

  /**
   * Who has these credentials.
   *
   * @throws RefusedException if they don't count: nobody becomes anonymous by a bad key or token
   * @throws KeysPendingException if that can't be told before keys have been fetched
   */
  public Caller caller(Credentials credentials) {
    Optional<String> bearer = credentials.bearer();
    if (bearer.isPresent() && apiKey.isPresent() && isKey(bearer.get(), apiKey.get())) {
      return KeyCaller.INSTANCE;
    }
    Optional<String> token = bearer.or(credentials::token);
    // With neither a key nor tokens there is nothing to compare with; and where the application is
    // asked, what isn't a token of this server's is its own to look at.
    if (token.isEmpty() || (tokens.isEmpty() && (apiKey.isEmpty() || asking))) {
      return anonymous;
    }
    try {
      Caller caller = tokenCaller(token.get());
      return credentials.inUrl() && caller instanceof TokenCaller it ? it.listeningOnly() : caller;
    } catch (RefusedException e) {
      metrics.tokensRefused().increment();
      throw e;
    }
  }

  /**
   * The same caller with a new token.
   *
   * @throws RefusedException if the token doesn't count or is somebody else's
   * @throws KeysPendingException as {@link #caller}
   */
  public Caller renew(Caller current, String token) {
    if (current instanceof AskedCaller asked) {
      return asked.withKnown(renew(asked.known(), token));
    }
    if (current.expiry().isEmpty()) {
      throw new RefusedException(Refusal.forbidden("This connection has no token"));
    }
    try {
      Caller renewed = tokenCaller(token);
      if (!renewed.subject().equals(current.subject())) {
        throw new RefusedException(Refusal.forbidden("The new token has another subject"));
      }
      return renewed;
    } catch (RefusedException e) {
      metrics.tokensRefused().increment();
      throw e;
    }
  }

  /** Somebody of whom the application is asked, unless it is one of its own backends. */
  public Caller asked(Caller known, Visitor visitor) {
    return known.hasKey() ? known : AskedCaller.of(rules, known, visitor);
  }

  /** How far a caller's token, or what the application allowed, is. */
  public Life life(Caller caller) {
    Optional<Instant> expiry = caller.expiry();
    if (expiry.isEmpty()) {
      return Life.LASTING;
    }
    Instant now = clock.instant();
    if (!now.isBefore(expiry.get())) {
      return Life.OVER;
    }
    return caller.warning().filter(now::isBefore).isPresent() ? Life.LASTING : Life.ENDING;
  }

  /** The nanoseconds until a caller's {@link #life} changes, at most {@code most}. */
  public long untilChange(Caller caller, long most) {
    Optional<Instant> expiry = caller.expiry();
    if (expiry.isEmpty()) {
      return most;
    }
    Instant now = clock.instant();
    return until(caller.warning().filter(now::isBefore).or(() -> expiry).get(), now, most);
  }

  /** The nanoseconds until a caller is nobody any more, at most {@code most}. */
  public long untilExpiry(Caller caller, long most) {
    return caller.expiry().map(it -> until(it, clock.instant(), most)).orElse(most);
  }

  private static long until(Instant end, Instant now, long most) {
    Duration left = Duration.between(now, end);
    return left.compareTo(Duration.ofNanos(most)) < 0 ? Math.max(left.toNanos(), 0) : most;
  }

  private Caller tokenCaller(String token) {
    if (tokens.isEmpty()) {
      throw new RefusedException(Refusal.invalid("That is not this server's API key"));
    }
    return TokenCaller.of(rules, tokens.get().verify(token), clock.instant());
  }

  /** Takes as long for a wrong key as for the right one. */
  private static boolean isKey(String presented, byte[] key) {
    return MessageDigest.isEqual(presented.getBytes(UTF_8), key);
  }
}
