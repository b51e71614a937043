package dev.halley.server.hub;

import dev.halley.broker.Batch;
import dev.halley.broker.Cursor;
import dev.halley.broker.StreamPosition;
import dev.halley.server.ChannelRules;
import dev.halley.server.meter.FlightEvents;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One subscriber on one channel: its cursor, and whether it reads the live path or the log. Used on
 * the event loop of its shard only.
 */
public final class Subscription {
  private enum State {
    /** Made, but nothing is sent yet. */
    NEW,
    /** Gets what the shard's drain encodes; its cursor is the shard's. */
    LIVE,
    /** Reads the log from its own cursor when its connection is writable. */
    LAGGING,
    /** Waits for the broker to say what became of its cursor. */
    ASKING,
    CANCELLED
  }

  private final Fanout fanout;
  private final Subscriber subscriber;
  private State state = State.NEW;
  private StreamPosition cursor;

  /** Who is present by it. */
  private Optional<String> user;

  /** Its place in the shard's list of live ones; kept by {@link LiveList}. */
  int liveIndex = -1;

  Subscription(Fanout fanout, Subscriber subscriber, StreamPosition cursor) {
    this.fanout = fanout;
    this.subscriber = subscriber;
    this.cursor = cursor;
    fanout.meters().subscriptions(subscriber.via()).increment();
    this.user = subscriber.user();
    fanout.enter(user);
  }

  /** The channel's name. */
  public String channel() {
    return fanout.channel();
  }

  /** What holds for the channel. */
  public ChannelRules rules() {
    return fanout.rules();
  }

  /** All up to here has been sent. */
  public StreamPosition position() {
    return state == State.LIVE ? fanout.cursor() : cursor;
  }

  /** Whether it reads the log from a cursor of its own, because it catches up or is slow. */
  public boolean lags() {
    return state == State.LAGGING || state == State.ASKING;
  }

  /** Begins to send. Called once. */
  public void start() {
    beginToLag();
    resume();
  }

  /** The subscriber is writable again: goes on where it stopped. */
  public void resume() {
    if (state == State.LAGGING) {
      fanout.catchUp(this);
    }
  }

  /**
   * All of a subscriber that is writable again. Any of them goes first: behind one that is busier
   * than the connection is fast, the others would never have their turn.
   */
  public static void resumeAll(List<Subscription> subscriptions) {
    int count = subscriptions.size();
    int first = count > 1 ? ThreadLocalRandom.current().nextInt(count) : 0;
    for (int i = 0; i < count; i++) {
      subscriptions.get((first + i) % count).resume();
    }
  }

  /** The subscriber has another outlet. */
  public void outletChanged() {
    if (state == State.LIVE) {
      fanout.refresh(this);
    }
  }

  /** It may be known by now who the subscriber is. */
  public void userMayBeKnown() {
    Optional<String> known = subscriber.user();
    if (!known.equals(user) && state != State.CANCELLED) {
      fanout.leave(user);
      user = known;
      fanout.enter(user);
    }
  }

  /** Ends it; nothing is sent any more. */
  public void cancel() {
    if (state == State.CANCELLED) {
      return;
    }
    State before = state;
    state = State.CANCELLED;
    switch (before) {
      case LIVE -> fanout.leave(this);
      case LAGGING, ASKING -> fanout.meters().lagging().decrement();
      case NEW, CANCELLED -> {}
    }
    fanout.meters().subscriptions(subscriber.via()).decrement();
    fanout.leave(user);
    fanout.release();
  }

  Subscriber subscriber() {
    return subscriber;
  }

  boolean isLive() {
    return state == State.LIVE;
  }

  boolean isLagging() {
    return state == State.LAGGING;
  }

  void becomeLive() {
    state = State.LIVE;
    fanout.meters().lagging().decrement();
  }

  void becomeLagging(StreamPosition from) {
    cursor = from;
    beginToLag();
  }

  /** Leaves the live ones because its connection takes no more. */
  void slowDown(StreamPosition from) {
    becomeLagging(from);
    fanout.meters().slowed().increment();
    FlightEvents.slowConsumer(channel(), from, subscriber.via());
  }

  private void beginToLag() {
    state = State.LAGGING;
    fanout.meters().lagging().increment();
  }

  void advanceTo(StreamPosition position) {
    cursor = position;
  }

  /** Asks the broker what can still be read; the answer arrives on the event loop. */
  void ask(Hub hub) {
    state = State.ASKING;
    hub.onLoop(
        fanout.eventLoop(),
        hub.broker().history(channel(), new Cursor.After(cursor), Fanout.CATCH_UP_LIMIT),
        this::answered,
        this::failed);
  }

  private void answered(Batch batch) {
    if (state == State.ASKING) {
      state = State.LAGGING;
      try {
        fanout.deliverAnswer(this, batch);
      } catch (Throwable e) {
        fanout.drop(this, e);
      }
    }
  }

  private void failed(Throwable cause) {
    if (state == State.ASKING) {
      state = State.LAGGING;
      try {
        subscriber.closeFailed(cause);
      } catch (Throwable e) {
        fanout.drop(this, e);
      }
    }
  }
}
