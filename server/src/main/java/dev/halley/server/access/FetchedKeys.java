package dev.halley.server.access;

import com.nimbusds.jose.JWSHeader;
import dev.halley.server.ServerMetrics;
import dev.halley.server.TokenConfig.Keys;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a key set that somebody else keeps, and changes.
 *
 * <p>A set that is older than its refresh time is fetched again when it is used, and counts
 * meanwhile. A key that isn't in it may be new: then whoever asks waits for one more fetch. Fetches
 * are at least {@link #INTERVAL} apart whatever tokens come, so nobody can make this server hammer
 * the other one; while keys count and fetches fail, the time between them doubles up to {@link
 * #LONGEST_INTERVAL}. A set that couldn't be refreshed for too long doesn't count any more: then no
 * token does.
 *
 * <p>Whatever goes wrong with a fetch ends it: who waits is told, it is logged, and counted.
 */
final class FetchedKeys implements KeySource {
  /** Between the begin of one fetch and that of the next. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** The same after some fetches in a row have failed. */
  static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);

  private static final System.Logger LOGGER = System.getLogger(FetchedKeys.class.getName());

  /** Keys that one line of the log names. */
  private static final int MOST_NAMED = 10;

  private final Keys.KeySet config;
  private final Supplier<CompletableFuture<byte[]>> fetcher;
  private final InstantSource clock;
  private final ServerMetrics metrics;
  private final ReentrantLock lock = new ReentrantLock();
  private List<VerificationKey> keys = List.of();
  private List<String> leftOut = List.of();
  private Instant fetched = Instant.EPOCH;
  private Instant attempted = Instant.EPOCH;
  private Duration interval = INTERVAL;
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
      if (isDue()) {
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

  /** A clock that was set back would otherwise keep the set for as long as it went back. */
  private boolean isDue() {
    lock.lock();
    try {
      return isOlderThan(config.refresh()) || clock.instant().isBefore(fetched);
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
      Duration least = isOlderThan(config.stale()) ? INTERVAL : interval;
      if (!now.isBefore(attempted) && now.isBefore(attempted.plus(least))) {
        return CompletableFuture.completedFuture(null);
      }
      attempted = now;
      outcome = new CompletableFuture<>();
      underWay = outcome;
    } finally {
      lock.unlock();
    }
    try {
      fetcher.get().whenComplete((bytes, cause) -> settle(outcome, bytes, cause));
    } catch (Throwable e) {
      settle(outcome, null, e);
    }
    return outcome;
  }

  /** Whatever is thrown here, those that wait go on. */
  private void settle(
      CompletableFuture<Void> outcome, byte @Nullable [] bytes, @Nullable Throwable cause) {
    try {
      take(bytes, cause);
    } finally {
      end();
      outcome.complete(null);
    }
  }

  private void end() {
    lock.lock();
    try {
      underWay = null;
    } finally {
      lock.unlock();
    }
  }

  private void take(byte @Nullable [] bytes, @Nullable Throwable cause) {
    try {
      if (bytes == null) {
        fail(reason(cause));
      } else {
        take(KeySetDocument.parse(bytes));
      }
    } catch (IllegalArgumentException e) {
      fail(String.valueOf(e.getMessage()));
    } catch (Throwable e) {
      fail(e.toString());
    }
  }

  private void take(KeySetDocument document) {
    List<String> before;
    lock.lock();
    try {
      before = leftOut;
      leftOut = document.leftOut();
      if (!document.keys().isEmpty()) {
        keys = document.keys();
        fetched = attempted;
        interval = INTERVAL;
      }
    } finally {
      lock.unlock();
    }
    if (!document.leftOut().isEmpty() && !document.leftOut().equals(before)) {
      LOGGER.log(
          Level.WARNING,
          "Keys of the key set of {0} are left out: {1}",
          config.url().getHost(),
          named(document.leftOut()));
    }
    if (document.keys().isEmpty()) {
      fail("it has no key for tokens");
    }
  }

  private void fail(String failure) {
    lock.lock();
    try {
      Duration doubled = interval.multipliedBy(2);
      interval = doubled.compareTo(LONGEST_INTERVAL) < 0 ? doubled : LONGEST_INTERVAL;
    } finally {
      lock.unlock();
    }
    metrics.keySetFailures().increment();
    LOGGER.log(
        Level.WARNING, "Can''t take the key set of {0}: {1}", config.url().getHost(), failure);
  }

  private static String named(List<String> leftOut) {
    String named = String.join("; ", leftOut.subList(0, Math.min(leftOut.size(), MOST_NAMED)));
    int more = leftOut.size() - MOST_NAMED;
    return more > 0 ? named + "; and " + more + " more" : named;
  }

  private static String reason(@Nullable Throwable cause) {
    Throwable known =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return known instanceof TimeoutException ? "there is no answer in time" : String.valueOf(known);
  }
}
