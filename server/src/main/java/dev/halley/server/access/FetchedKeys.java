package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKSet;
import dev.halley.server.ServerMetrics;
import dev.halley.server.TokenConfig.Keys;
import java.lang.System.Logger.Level;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a key set that somebody else keeps, and changes.
 *
 * <p>A set that is older than its refresh time is fetched again when it is used, and counts
 * meanwhile. A key that isn't in it may be new: then whoever asks waits for one more fetch. Fetches
 * are at least {@link #INTERVAL} apart whatever tokens come, so nobody can make this server hammer
 * the other one. A set that couldn't be refreshed for too long doesn't count any more: then no
 * token does.
 */
final class FetchedKeys implements KeySource {
  /** Between the begin of one fetch and that of the next. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final System.Logger LOGGER = System.getLogger(FetchedKeys.class.getName());
  private static final int MOST_KEYS = 100;

  private final Keys.KeySet config;
  private final Supplier<CompletableFuture<byte[]>> fetcher;
  private final InstantSource clock;
  private final ServerMetrics metrics;
  private final ReentrantLock lock = new ReentrantLock();
  private List<VerificationKey> keys = List.of();
  private Instant fetched = Instant.EPOCH;
  private Instant attempted = Instant.EPOCH;
  private @Nullable CompletableFuture<Void> underWay;

  /** Begins to fetch. */
  FetchedKeys(
      Keys.KeySet config,
      Supplier<CompletableFuture<byte[]>> fetcher,
      InstantSource clock,
      ServerMetrics metrics) {
    this.config = config;
    this.fetcher = fetcher;
    this.clock = clock;
    this.metrics = metrics;
    refresh();
  }

  @Override
  public VerificationKey find(JWSHeader header) {
    Optional<VerificationKey> known = known(header);
    if (known.isPresent()) {
      if (isOlderThan(config.refresh())) {
        refresh();
      }
      return known.get();
    }
    CompletableFuture<Void> fetch = refresh();
    if (!fetch.isDone()) {
      throw new KeysPendingException(fetch);
    }
    return known(header).orElseThrow(this::refusal);
  }

  private RefusedException refusal() {
    return new RefusedException(
        isOlderThan(config.stale())
            ? Refusal.unavailable("The keys for tokens can't be fetched now")
            : Refusal.invalid("The token's kid is that of no key"));
  }

  /** A kid is looked up here and nowhere else: it is no path and no URL. */
  private Optional<VerificationKey> known(JWSHeader header) {
    List<VerificationKey> fitting = new ArrayList<>(1);
    for (VerificationKey key : counting()) {
      boolean named =
          header.getKeyID() == null || key.id().filter(header.getKeyID()::equals).isPresent();
      if (named && key.algorithm().equals(header.getAlgorithm())) {
        fitting.add(key);
      }
    }
    return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
  }

  private List<VerificationKey> counting() {
    lock.lock();
    try {
      return isOlderThan(config.stale()) ? List.of() : keys;
    } finally {
      lock.unlock();
    }
  }

  private boolean isOlderThan(Duration age) {
    lock.lock();
    try {
      return clock.instant().isAfter(fetched.plus(age));
    } finally {
      lock.unlock();
    }
  }

  /** Fetches if that isn't too soon. Completes when what is under way is over, well or not. */
  private CompletableFuture<Void> refresh() {
    CompletableFuture<Void> outcome;
    lock.lock();
    try {
      Instant now = clock.instant();
      if (underWay != null) {
        return underWay;
      }
      if (now.isBefore(attempted.plus(INTERVAL))) {
        return CompletableFuture.completedFuture(null);
      }
      attempted = now;
      outcome = new CompletableFuture<>();
      underWay = outcome;
    } finally {
      lock.unlock();
    }
    fetcher.get().whenComplete((bytes, cause) -> settle(outcome, bytes, cause));
    return outcome;
  }

  private void settle(
      CompletableFuture<Void> outcome, byte @Nullable [] bytes, @Nullable Throwable cause) {
    Optional<String> failure = Optional.empty();
    lock.lock();
    try {
      underWay = null;
      if (bytes == null) {
        failure = Optional.of(reason(cause));
      } else {
        keys = parse(bytes);
        fetched = attempted;
      }
    } catch (ParseException | IllegalArgumentException e) {
      failure = Optional.of("it is no key set with keys for tokens");
    } finally {
      lock.unlock();
    }
    failure.ifPresent(this::report);
    outcome.complete(null);
  }

  private void report(String failure) {
    metrics.keySetFailures().increment();
    LOGGER.log(
        Level.WARNING, "Can''t fetch the key set of {0}: {1}", config.url().getHost(), failure);
  }

  private static String reason(@Nullable Throwable cause) {
    Throwable known =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return String.valueOf(known);
  }

  private static List<VerificationKey> parse(byte[] bytes) throws ParseException {
    List<VerificationKey> usable =
        JWKSet.parse(new String(bytes, UTF_8)).getKeys().stream()
            .limit(MOST_KEYS)
            .flatMap(key -> VerificationKey.of(key).stream())
            .toList();
    if (usable.isEmpty()) {
      throw new IllegalArgumentException("no key is usable");
    }
    return usable;
  }
}
