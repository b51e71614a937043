package dev.halley.server.hook;

import dev.halley.broker.Payload;
import dev.halley.broker.PresenceChannels;
import dev.halley.server.HooksConfig;
import dev.halley.server.HooksConfig.Event;
import dev.halley.server.ServerConfig;
import dev.halley.server.access.AccessControl;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Clocks;
import dev.halley.server.access.Grant;
import dev.halley.server.access.Refusal;
import dev.halley.server.access.RefusedException;
import dev.halley.server.meter.HookMeters;
import dev.halley.server.wire.JsonText;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks the application about those of whom it is asked. All stages fail with a {@link
 * RefusedException}: with the application's no, or with 503 where it can't be asked. For any
 * thread; stages complete on any.
 */
public final class Admission implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Later there is no time to tell the client of the end before it comes. */
  private static final long LAST_TRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final AccessControl access;
  private final InstantSource clock;
  private final Optional<Asking> asking;

  /** What there is with hooks alone. */
  private record Asking(HooksConfig config, HookClient client, Hooks hooks, Notices notices) {
    static Asking of(HooksConfig config, Clocks clocks) {
      HookClient client = new HookClient(config, clocks.wall());
      Hooks hooks = new Hooks(config, client, clocks);
      Notices notices = new Notices(client, hooks.meters(), config.bounds().waiting());
      return new Asking(config, client, hooks, notices);
    }
  }

  /**
   * As the configuration has it: without hooks nobody is ever asked.
   *
   * @param clocks by whose time of day what was allowed ends
   */
  public Admission(ServerConfig config, AccessControl access, Clocks clocks) {
    this.access = access;
    this.clock = clocks.wall();
    this.asking = config.hooks().map(it -> Asking.of(it, clocks));
  }

  /** Who makes a request, and how long that holds. */
  public AccessControl access() {
    return access;
  }

  /** What is counted, where there are hooks. */
  public Optional<HookMeters> meters() {
    return asking.map(it -> it.hooks().meters());
  }

  /** By the clock that everything here goes by. */
  public Instant now() {
    return clock.instant();
  }

  /**
   * Asks whether somebody may begin to listen.
   *
   * @param connects whether that is a connection of its own
   * @throws RefusedException if nobody needs to be asked to refuse it
   */
  public CompletionStage<AskedCaller> listen(
      AskedCaller caller, boolean connects, List<String> channels) {
    List<String> known = channels.stream().filter(it -> !caller.asksToSubscribe(it)).toList();
    caller
        .subscribeRefusal(known)
        .ifPresent(
            it -> {
              throw new RefusedException(it);
            });
    return listen(caller, connects, channels, false);
  }

  private CompletableFuture<AskedCaller> listen(
      AskedCaller caller, boolean connects, List<String> channels, boolean fresh) {
    return connects && asksOf(Event.CONNECT)
        ? connect(caller, channels, fresh).thenCompose(it -> subscribe(it, channels, fresh))
        : subscribe(caller, channels, fresh);
  }

  private CompletableFuture<AskedCaller> connect(
      AskedCaller caller, List<String> channels, boolean fresh) {
    String where =
        channels.stream()
            .map(JsonText::escape)
            .collect(Collectors.joining(",", "\"channels\":[", "]"));
    return ask(Question.of(Event.CONNECT, caller, where, Optional.empty(), fresh))
        .thenApply(grant -> caller.connected(grant, now()));
  }

  private CompletableFuture<AskedCaller> subscribe(
      AskedCaller caller, List<String> channels, boolean fresh) {
    List<String> asked =
        channels.stream()
            .filter(caller::asksToSubscribe)
            .map(PresenceChannels::watched)
            .distinct()
            .toList();
    List<CompletableFuture<Grant>> grants = new ArrayList<>(asked.size());
    for (String channel : asked) {
      grants.add(askToSubscribe(caller, channel, fresh));
    }
    return CompletableFuture.allOf(grants.toArray(new CompletableFuture<?>[0]))
        .thenApply(
            done -> {
              AskedCaller granted = caller;
              for (int i = 0; i < asked.size(); i++) {
                granted = granted.subscribed(asked.get(i), grants.get(i).join(), now());
              }
              return granted;
            })
        .exceptionally(
            cause -> {
              throw refusal(cause, channels, asked, grants);
            });
  }

  /** One refusal of all channels to which the application says no; the others may go on. */
  private static RefusedException refusal(
      Throwable cause,
      List<String> channels,
      List<String> asked,
      List<CompletableFuture<Grant>> grants) {
    List<String> refused = new ArrayList<>();
    Optional<Refusal> first = Optional.empty();
    for (int i = 0; i < grants.size(); i++) {
      if (grants.get(i).isCompletedExceptionally()) {
        Refusal refusal = refusal(grants.get(i).exceptionNow()).refusal();
        if (refusal.status() == Refusal.FORBIDDEN) {
          String watched = asked.get(i);
          channels.stream()
              .filter(it -> PresenceChannels.watched(it).equals(watched))
              .forEach(refused::add);
          first = first.or(() -> Optional.of(refusal));
        }
      }
    }
    return first.map(it -> new RefusedException(it.about(refused))).orElseGet(() -> refusal(cause));
  }

  /** Asks whether somebody may listen to a channel, be it to who comes and goes there. */
  public CompletionStage<Grant> subscribe(AskedCaller caller, String channel) {
    return sameAs(caller, askToSubscribe(caller, PresenceChannels.watched(channel), false));
  }

  private CompletableFuture<Grant> askToSubscribe(
      AskedCaller caller, String channel, boolean fresh) {
    return ask(Question.of(Event.SUBSCRIBE, caller, where(channel), Optional.empty(), fresh));
  }

  /** Asks whether somebody may publish this. */
  public CompletionStage<Grant> publish(AskedCaller caller, String channel, Payload payload) {
    return sameAs(
        caller,
        ask(Question.of(Event.PUBLISH, caller, where(channel), Optional.of(payload), false)));
  }

  private static CompletableFuture<Grant> sameAs(
      AskedCaller caller, CompletableFuture<Grant> grant) {
    return grant.thenApply(
        it -> {
          caller.requireSame(it);
          return it;
        });
  }

  private static String where(String channel) {
    return "\"channel\":" + JsonText.escape(channel);
  }

  /**
   * Asks once more about all that somebody does, because what was allowed ends, or because of
   * another token.
   *
   * @param caller of whom is to be asked
   * @param before who it must be
   * @param loop on which one of the two is called
   */
  public void askAgain(
      AskedCaller caller,
      Caller before,
      List<String> channels,
      Executor loop,
      Consumer<AskedCaller> renewed,
      Consumer<RefusedException> refused) {
    CompletableFuture<AskedCaller> unused =
        listen(caller.anew(), true, channels, true)
            .whenCompleteAsync(
                (granted, cause) -> {
                  if (granted == null) {
                    refused.accept(refusal(cause));
                  } else if (!granted.subject().equals(before.subject())) {
                    refused.accept(
                        new RefusedException(
                            Refusal.forbidden("The application says that this is another user")));
                  } else {
                    renewed.accept(granted);
                  }
                },
                loop);
  }

  /**
   * Asks once more about a connection whose permission ends. As long as the application can't be
   * asked it is tried again, at moments that others don't share: what ends at the same time for
   * thousands is asked for at the same time.
   *
   * @param loop the connection's, from which this is called
   */
  public void renew(AskedCaller caller, Renewal connection, ScheduledExecutorService loop) {
    askAgain(
        caller,
        caller,
        connection.channels(),
        loop,
        granted -> {
          if (connection.isThere()) {
            if (connection.caller() == caller) {
              connection.renewed(granted);
            } else {
              renewAnew(connection, loop); // more or less was granted meanwhile
            }
          }
        },
        why -> {
          if (!connection.isThere()) {
            return;
          }
          if (why.refusal().status() == Refusal.UNAVAILABLE && isWorthATry(caller)) {
            long delay = ThreadLocalRandom.current().nextLong(RETRY_NANOS);
            ScheduledFuture<?> unused =
                loop.schedule(() -> renewAnew(connection, loop), delay, TimeUnit.NANOSECONDS);
          } else {
            connection.refused(why);
          }
        });
  }

  private void renewAnew(Renewal connection, ScheduledExecutorService loop) {
    if (connection.isThere() && connection.caller() instanceof AskedCaller asked) {
      renew(asked, connection, loop);
    }
  }

  private boolean isWorthATry(Caller caller) {
    return access.untilExpiry(caller, LAST_TRY_NANOS) == LAST_TRY_NANOS;
  }

  /**
   * Tells the application that a connection is over. Returns who it was without the application.
   */
  public Caller leave(Caller caller, List<String> channels) {
    if (!(caller instanceof AskedCaller asked)) {
      return caller;
    }
    if (asksOf(Event.DISCONNECT)) {
      asking.orElseThrow().notices().gone(asked, channels, now());
    }
    return asked.known();
  }

  private boolean asksOf(Event event) {
    return asking.isPresent() && asking.get().config().has(event);
  }

  private CompletableFuture<Grant> ask(Question question) {
    return asking
        .orElseThrow()
        .hooks()
        .ask(question)
        .handle(
            (answer, cause) -> {
              if (answer == null) {
                throw refusal(cause);
              }
              if (answer.refusal().isPresent()) {
                throw new RefusedException(answer.refusal().get());
              }
              return answer.grant();
            });
  }

  /** Why the application gave no answer is for the log, and for nobody else. */
  private static RefusedException refusal(@Nullable Throwable cause) {
    Throwable known = cause != null && cause.getCause() != null ? cause.getCause() : cause;
    return known instanceof RefusedException refused
        ? refused
        : new RefusedException(Refusal.unavailable("The application can't be asked now"));
  }

  /** Lets go of all but memory, after the last notices or a moment. */
  @Override
  public void close() {
    asking.ifPresent(
        it -> {
          it.notices().awaitEmpty(it.config().tries().timeout());
          it.client().close();
        });
  }
}
