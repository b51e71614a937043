package dev.halley.server.hook;

import dev.halley.server.HooksConfig;
import dev.halley.server.access.Clocks;
import dev.halley.server.meter.HookMeters;
import dev.halley.server.meter.HookMeters.Outcome;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that questions are answered: by an answer that is kept, by that to the same question
 * which is being asked, or by the application. Bounds how many are under way and how much they
 * hold, and stops asking while it doesn't answer. For any thread.
 *
 * <p>An answer that doesn't say that it may be used again is for the one question alone: whoever
 * waited for it in vain is asked for himself then (RFC 9111 section 4).
 */
final class Hooks {
  /** What all questions that are asked or wait may hold together, payloads mostly. */
  static final long MOST_BYTES = 64L << 20;

  private static final System.Logger LOGGER = System.getLogger(Hooks.class.getName());

  private final HooksConfig config;
  private final HookClient client;
  private final Clocks clocks;
  private final HookMeters meters = new HookMeters(this::pending, this::isOpen);
  private final ReentrantLock lock = new ReentrantLock();
  private final Circuit circuit;
  private final AnswerCache cache;
  private final Queue<Ask> waiting = new ArrayDeque<>();
  private final Map<ByteBuffer, Ask> leading = new HashMap<>();
  private int inFlight;
  private int followers;
  private long bytes;
  private Instant quietUntil = Instant.EPOCH;

  /** A question, whoever waits for it, and those with the same one who wait for its answer. */
  private static final class Ask {
    final Question question;
    final long begin;
    final CompletableFuture<HookAnswer> answer = new CompletableFuture<>();
    final List<Ask> followers = new ArrayList<>(0);

    Ask(Question question, long begin) {
      this.question = question;
      this.begin = begin;
    }
  }

  Hooks(HooksConfig config, HookClient client, Clocks clocks) {
    this.config = config;
    this.client = client;
    this.clocks = clocks;
    this.circuit = new Circuit(config.circuit());
    this.cache = new AnswerCache(config.bounds().cached());
  }

  HookMeters meters() {
    return meters;
  }

  private int pending() {
    lock.lock();
    try {
      return inFlight + waiting.size() + followers;
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen() {
    lock.lock();
    try {
      return circuit.isOpen();
    } finally {
      lock.unlock();
    }
  }

  /** The answer to a question; fails with a {@link HookFailure} alone. */
  CompletableFuture<HookAnswer> ask(Question question) {
    Ask ask = new Ask(question, System.nanoTime());
    boolean send;
    lock.lock();
    try {
      if (!question.fresh()) {
        Optional<HookAnswer> kept = cache.find(question.key(), now());
        if (kept.isPresent()) {
          meters.count(question.event(), Outcome.REUSED);
          return CompletableFuture.completedFuture(kept.get());
        }
      }
      Ask leader = question.isShareable() ? leading.get(question.key()) : null;
      if (leader != null && hasRoom(question)) {
        leader.followers.add(ask);
        followers++;
        return ask.answer;
      }
      send = admit(ask);
    } catch (HookFailure e) {
      meters.count(question.event(), Outcome.UNASKED);
      return CompletableFuture.failedFuture(e);
    } finally {
      lock.unlock();
    }
    if (send) {
      send(ask);
    }
    return ask.answer;
  }

  /** All pauses and ages here are measured by it. */
  private Instant now() {
    return clocks.steady().instant();
  }

  private boolean hasRoom(Question question) {
    return waiting.size() + followers < config.bounds().waiting()
        && bytes + question.size() <= MOST_BYTES;
  }

  /** Gives it a place in flight (true) or in the queue, or says why there is none. */
  private boolean admit(Ask ask) {
    Question question = ask.question;
    boolean mayFly = inFlight < config.bounds().inFlight() && waiting.isEmpty();
    if (bytes + question.size() > MOST_BYTES || !(mayFly || hasRoom(question))) {
      throw new HookFailure("too many questions wait", false);
    }
    // What tries whether it answers again doesn't wait for others.
    if ((circuit.isOpen() && !mayFly) || !circuit.permits(now())) {
      throw new HookFailure("it hasn't answered for a while", false);
    }
    bytes += question.size();
    if (question.isShareable()) {
      leading.putIfAbsent(question.key(), ask);
    }
    if (mayFly) {
      inFlight++;
    } else {
      waiting.add(ask);
    }
    return mayFly;
  }

  private void send(Ask ask) {
    CompletableFuture<HookAnswer> posted;
    try {
      posted =
          client.post(
              ask.question::body,
              response ->
                  AnswerReader.read(ask.question.event(), response, clocks.wall().instant()));
    } catch (Throwable e) {
      posted = CompletableFuture.failedFuture(e);
    }
    posted.whenComplete((answer, cause) -> settle(ask, answer, cause));
  }

  /** Whatever goes wrong, whoever waits for this one is told. */
  private void settle(Ask ask, @Nullable HookAnswer answer, @Nullable Throwable cause) {
    try {
      settleAll(ask, answer, cause);
    } catch (Throwable e) {
      fail(ask, Outcome.FAILED, failure(e));
    }
  }

  private void settleAll(Ask ask, @Nullable HookAnswer answer, @Nullable Throwable cause) {
    List<Ask> next = new ArrayList<>();
    List<Ask> unasked = new ArrayList<>();
    Optional<String> change = Optional.empty();
    lock.lock();
    try {
      inFlight--;
      leave(ask);
      Instant now = now();
      if (answer != null) {
        cache.put(ask.question.key(), answer, now, answer.grant().expiry().map(clocks::until));
        change = circuit.succeeded() ? Optional.of("answers again") : change;
      } else if (circuit.failed(now)) {
        change =
            Optional.of(
                "doesn't answer, so nobody is let in whom it would be asked about; tried again in "
                    + config.circuit().pause().toMillis()
                    + " ms: "
                    + failure(cause).reason());
      } else if (!circuit.isOpen() && !now.isBefore(quietUntil)) {
        quietUntil = now.plus(config.circuit().pause());
        change = Optional.of("gave no answer that can be used: " + failure(cause).reason());
      }
      if (circuit.isOpen()) {
        unasked.addAll(waiting);
        waiting.clear();
        unasked.forEach(this::leave);
      }
      while (inFlight < config.bounds().inFlight() && !waiting.isEmpty()) {
        Ask first = waiting.remove();
        if (isStale(first)) {
          leave(first);
          unasked.add(first);
        } else {
          inFlight++;
          next.add(first);
        }
      }
    } finally {
      lock.unlock();
    }
    meters.answeredAfter(System.nanoTime() - ask.begin);
    change.ifPresent(it -> LOGGER.log(Level.WARNING, "The application at {0} {1}", host(), it));
    next.forEach(this::send);
    if (answer == null) {
      fail(ask, Outcome.FAILED, failure(cause));
    } else {
      complete(ask, answer);
    }
    unasked.forEach(it -> fail(it, Outcome.UNASKED, new HookFailure("it is too slow", false)));
  }

  /** Clients have waited for long enough then. */
  private boolean isStale(Ask ask) {
    return System.nanoTime() - ask.begin
        > config.tries().timeout().toNanos() * (config.tries().retries() + 1L);
  }

  /** Its place is free, and nobody follows it any more. */
  private void leave(Ask ask) {
    bytes -= ask.question.size();
    leading.remove(ask.question.key(), ask);
    followers -= ask.followers.size();
  }

  private void complete(Ask ask, HookAnswer answer) {
    ask.answer.complete(answer);
    meters.count(
        ask.question.event(), answer.refusal().isPresent() ? Outcome.REFUSED : Outcome.ALLOWED);
    for (Ask follower : ask.followers) {
      if (answer.isReusable()) {
        follower.answer.complete(answer);
        meters.count(follower.question.event(), Outcome.REUSED);
      } else {
        askForItself(follower);
      }
    }
  }

  private void askForItself(Ask follower) {
    boolean send = false;
    HookFailure refusal = null;
    lock.lock();
    try {
      send = admit(follower);
    } catch (HookFailure e) {
      refusal = e; // said without the lock: whoever waits goes on within
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      fail(follower, Outcome.UNASKED, refusal);
    } else if (send) {
      send(follower);
    }
  }

  private void fail(Ask ask, Outcome outcome, HookFailure failure) {
    meters.count(ask.question.event(), outcome);
    LOGGER.log(
        Level.DEBUG,
        "No answer to a {0} of {1}: {2}",
        ask.question.event().label(),
        host(),
        failure.reason());
    ask.answer.completeExceptionally(failure);
    ask.followers.forEach(it -> fail(it, outcome, failure));
  }

  private String host() {
    return config.url().getHost();
  }

  private static HookFailure failure(@Nullable Throwable cause) {
    Throwable known =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return known instanceof HookFailure failure
        ? failure
        : new HookFailure(String.valueOf(known), false);
  }
}
