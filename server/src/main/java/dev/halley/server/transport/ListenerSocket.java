package dev.halley.server.transport;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.IdempotencyConflictException;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Grant;
import dev.halley.server.access.Life;
import dev.halley.server.access.Refusal;
import dev.halley.server.access.RefusedException;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.hook.Renewal;
import dev.halley.server.hub.Outlet;
import dev.halley.server.hub.PublishRates;
import dev.halley.server.hub.Publisher;
import dev.halley.server.hub.RateExceeded;
import dev.halley.server.hub.Subscriber;
import dev.halley.server.hub.Subscription;
import dev.halley.server.meter.FlightEvents;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.MessageLimits;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A WebSocket that listens to channels and may publish. */
abstract class ListenerSocket extends WebSocketHandler implements Subscriber {
  /**
   * Publications of one connection that the broker hasn't confirmed yet; with more it isn't read.
   */
  private static final int MOST_UNCONFIRMED = 256;

  /** What something that waits takes up besides its payload. */
  private static final int WAITING_COST = 512;

  private static final String NO_MEMORY =
      "What has arrived and isn't done with is as much as there may be";

  private final SocketForms forms;
  private Caller caller;
  private boolean warned;
  private PublishRates.@Nullable Share share;
  private @Nullable Turns turns;
  private int unconfirmed;

  ListenerSocket(
      SocketContext server,
      Optional<DeflateParameters> agreed,
      MessageLimits limits,
      Caller caller) {
    super(server, agreed, limits);
    this.forms = server.deflation().forms(agreed);
    this.caller = caller;
  }

  final SocketForms forms() {
    return forms;
  }

  /** Who is at the other end. */
  final Caller caller() {
    return caller;
  }

  @Override
  public Optional<String> user() {
    return caller.subject();
  }

  /** The one at the other end has another token from here on. */
  final void renew(Caller renewed) {
    caller = renewed;
    subscriptions().forEach(Subscription::userMayBeKnown);
    warned = false;
    tickAnew();
  }

  /** The caller's token expires soon. */
  void onExpiring() {}

  @Override
  final boolean onTick() {
    Life life = server().access().life(caller);
    if (life == Life.OVER) {
      server().metrics().tokensExpired().increment();
      closeWith(HalleyCloseCode.UNAUTHORIZED, caller.expired().rule());
    } else if (life == Life.ENDING && !warned) {
      warned = true;
      warn();
    }
    return life != Life.OVER;
  }

  /** What the application allowed is asked for again; of all else the client is told. */
  private void warn() {
    if (!(caller instanceof AskedCaller asked) || !asked.endsByGrant()) {
      onExpiring();
      return;
    }
    server().admission().renew(asked, new Ending(), server().shard().eventLoop());
  }

  /** This connection while its permission ends. */
  private final class Ending implements Renewal {
    @Override
    public boolean isThere() {
      return protocol().canSend();
    }

    @Override
    public Caller caller() {
      return caller;
    }

    @Override
    public List<String> channels() {
      return ListenerSocket.this.channels();
    }

    @Override
    public void renewed(AskedCaller renewed) {
      renew(renewed);
    }

    @Override
    public void refused(RefusedException why) {
      onExpiring();
    }
  }

  /** Asks about all that this connection does; one of the two is called if it is still there. */
  final void askAgain(
      AskedCaller asked, Consumer<AskedCaller> renewed, Consumer<Throwable> refused) {
    server()
        .admission()
        .askAgain(
            asked,
            caller,
            channels(),
            server().shard().eventLoop(),
            granted -> {
              if (protocol().canSend()) {
                renewed.accept(granted);
              }
            },
            cause -> {
              if (protocol().canSend()) {
                refused.accept(cause);
              }
            });
  }

  final List<String> channels() {
    return subscriptions().stream().map(Subscription::channel).toList();
  }

  /** The same caller, of whom more or less is granted. */
  final void become(AskedCaller other) {
    caller = other;
    subscriptions().forEach(Subscription::userMayBeKnown);
    tickAnew();
  }

  /** This connection has ended, or begins to; called before it lets go of its subscriptions. */
  final void leave() {
    if (caller instanceof AskedCaller) {
      caller = server().admission().leave(caller, channels());
    }
    if (turns != null) {
      turns.clear();
    }
  }

  /** Whether something on this channel waits for the application. */
  final boolean isWaiting(String channel) {
    return turns != null && turns.isWaiting(channel);
  }

  /**
   * Does something when a question is answered and all is done that came before it on the channel.
   * One of the consumers is called, on the event loop, unless the connection ends before.
   *
   * @param size bytes that wait with it
   * @param question is asked now
   * @return whether there was room for it
   */
  final boolean takeTurn(
      String channel,
      int size,
      Supplier<CompletionStage<Grant>> question,
      Consumer<Grant> granted,
      Consumer<Refusal> refused) {
    Turns mine = turns;
    if (mine == null) {
      mine = new Turns(server().config().limits().requestBody());
      turns = mine;
    }
    if (mine.isFull(size)) {
      return false;
    }
    Arrivals.Share share = server().hub().arrivals().share(client().getAddress());
    if (!share.holdComplete(size + WAITING_COST)) {
      return false;
    }
    Turns.Turn turn = mine.join(channel, size, share);
    if (mine.isCrowded()) {
      updateReading();
    }
    CompletionStage<Grant> answer = question.get();
    // A client that goes doesn't take its question with it.
    share.retain();
    answer.whenComplete((grant, cause) -> share.release());
    server()
        .hub()
        .onLoop(
            server().shard().eventLoop(),
            answer,
            grant -> settle(channel, turn, () -> granted.accept(grant)),
            cause -> settle(channel, turn, () -> refused.accept(refusalOf(cause))));
    return true;
  }

  private void settle(String channel, Turns.Turn turn, Runnable action) {
    Turns mine = turns;
    if (mine == null || !protocol().canSend()) {
      return;
    }
    try {
      boolean wasCrowded = mine.isCrowded();
      mine.settle(channel, turn, action);
      if (wasCrowded && !mine.isCrowded()) {
        updateReading();
      }
    } catch (Throwable e) {
      endBy(e);
    }
  }

  @Override
  final boolean mayRead() {
    return unconfirmed < MOST_UNCONFIRMED && (turns == null || !turns.isCrowded()) && !isBehind();
  }

  /** Whether something that was read waits until there is room for its answer. */
  boolean isBehind() {
    return false;
  }

  static Refusal refusalOf(Throwable cause) {
    return cause instanceof RefusedException refused
        ? refused.refusal()
        : Refusal.unavailable("The application can't be asked now");
  }

  @Override
  final long nextTick(long most) {
    return server().access().untilChange(caller, most);
  }

  /** What stands against a publication on the channel now. */
  final Optional<RateExceeded> takeRate(String channel) {
    PublishRates rates = server().hub().publishRates();
    if (!rates.any()) {
      return Optional.empty();
    }
    if (share == null) {
      share = rates.newShare(publisher());
    }
    Optional<RateExceeded> exceeded = share.take(channel);
    if (exceeded.isPresent()) {
      server().metrics().ratesExceeded().increment();
      server().metrics().exceed(exceeded.get().limit());
    }
    return exceeded;
  }

  /** For whom what this connection publishes counts. */
  final Publisher publisher() {
    return server()
        .hub()
        .publishRates()
        .publisher(client().getAddress(), caller.subject(), caller.hasKey());
  }

  /** Publishes; one of the consumers is called on the event loop when the broker has spoken. */
  final void publish(
      String channel,
      Payload payload,
      Optional<IdempotencyKey> idempotencyKey,
      Consumer<StreamPosition> published,
      Consumer<Throwable> failed) {
    Arrivals arrivals = server().hub().arrivals();
    InetAddress address = client().getAddress();
    int cost = payload.size() + WAITING_COST;
    if (!arrivals.resize(address, 0, cost, true)) {
      failed.accept(new BrokerUnavailableException(NO_MEMORY));
      return;
    }
    CompletableFuture<StreamPosition> stage =
        server().hub().broker().publish(channel, payload, idempotencyKey).toCompletableFuture();
    if (stage.isDone()) {
      arrivals.resize(address, cost, 0, true);
    } else {
      stage.whenComplete((position, cause) -> arrivals.resize(address, cost, 0, true));
    }
    if (++unconfirmed == MOST_UNCONFIRMED) {
      updateReading();
    }
    server()
        .hub()
        .onLoop(
            server().shard().eventLoop(),
            stage,
            position -> {
              try {
                confirm();
                server().shard().metersOf(channel).published(payload.size());
                FlightEvents.publication(channel, position, payload);
                published.accept(position);
              } catch (Throwable e) {
                endBy(e); // it is published, and nobody must be told that it isn't
              }
            },
            cause -> {
              try {
                confirm();
                failed.accept(cause);
              } catch (Throwable e) {
                endBy(e);
              }
            });
  }

  private void confirm() {
    if (unconfirmed-- == MOST_UNCONFIRMED) {
      updateReading();
    }
  }

  /**
   * What to tell a client of a failure of the broker: its own words if they are meant for others.
   */
  static String reason(Throwable cause) {
    return cause instanceof BrokerUnavailableException
            || cause instanceof IdempotencyConflictException
        ? String.valueOf(cause.getMessage())
        : "The broker failed";
  }

  @Override
  public final boolean isWritable() {
    return canWrite();
  }

  /** Sends now, and returns how many bytes. */
  final int sendCounted(ByteBuf encoded) {
    int bytes = encoded.readableBytes();
    send(encoded);
    return bytes;
  }

  @Override
  public final Outlet outlet() {
    return connection();
  }

  @Override
  public final void abort(Throwable cause) {
    connection().close();
  }

  @Override
  public final void closeOverflowed(Subscription subscription) {
    server().metrics().overflows().increment();
    closeWith(CloseCode.TRY_AGAIN_LATER, "Too slow for the log");
  }

  @Override
  public final void closeFailed(Throwable cause) {
    closeWith(CloseCode.TRY_AGAIN_LATER, reason(cause));
  }
}
