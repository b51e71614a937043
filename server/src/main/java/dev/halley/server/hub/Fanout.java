package dev.halley.server.hub;

import dev.halley.broker.Batch;
import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.Tail;
import dev.halley.server.ChannelRules;
import dev.halley.server.Failures;
import dev.halley.server.meter.PatternMeters;
import dev.halley.server.meter.Via;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One channel in one shard.
 *
 * <p>A publish calls {@link #wake} on the publisher's thread, which schedules one drain, however
 * many publications come before it runs. The drain reads the tail from the shard's cursor to the
 * head, encodes each batch once per wire form in use, and writes it to every live subscriber. A
 * subscriber that isn't writable leaves the live ones with the cursor it had; nothing is queued for
 * it. It comes back through {@link #catchUp}, which reads from its own cursor up to the shard's and
 * no further, so that joining the live ones neither skips nor repeats anything. Subscribers must
 * not call back from a write: a drain is under way then (see {@link Subscriber#isWritable}).
 *
 * <p>Nothing that throws loses anything. All forms of a batch are encoded before the cursor moves:
 * if one can't be, be it for want of memory, nobody has been written to and the batch's turn comes
 * again a moment later. Whose connection throws is ended, and all others are served.
 *
 * <p>All but {@link #wake} runs on the shard's event loop.
 */
public final class Fanout {
  /** One batch of the live path. Bounds what one drain adds to what is pending for a connection. */
  private static final ReadLimit LIVE_LIMIT = new ReadLimit(512, 128 << 10);

  /** One batch of a subscriber that catches up. */
  static final ReadLimit CATCH_UP_LIMIT = new ReadLimit(256, 64 << 10);

  /** Batches after which a drain lets the loop do other work. */
  private static final int BATCHES_PER_TURN = 8;

  /**
   * How often a batch is encoded in vain, a quarter of a second apart, before those that it is for
   * are ended: they find out that something is wrong, and go on from where they were.
   */
  private static final int MOST_TRIES = 20;

  private final Hub hub;
  private final HubShard shard;
  private final String channel;
  private final ChannelRules rules;
  private final Tail tail;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Runnable drainTask = this::drain;
  private final @Nullable LiveList[] live = new @Nullable LiveList[WireForm.COUNT];
  private final LiveList encodingThemselves = new LiveList();
  private final List<Publication> batch = new ArrayList<>();
  private final Waiters waiters = new Waiters();
  private StreamPosition cursor;
  private @Nullable Place place;
  private final PatternMeters meters;
  private final boolean hasPresence;
  private int references;
  private int tries;

  /** Something couldn't be delivered, or couldn't even be scheduled; written by any thread. */
  private volatile boolean delayed;

  /** Those that go on when what is delayed has been tried again. */
  private @Nullable List<Subscription> waiting;

  /** When the scheduled drain was asked for; written by whoever schedules it, before it can run. */
  private long wokenNanos;

  Fanout(Hub hub, HubShard shard, String channel) {
    this.hub = hub;
    this.shard = shard;
    this.channel = channel;
    this.rules = hub.policies().rules(channel);
    this.meters = shard.metersOf(channel);
    this.hasPresence = hub.policies().hasPresence(channel);
    this.tail = hub.broker().follow(channel, this::wake);
    try {
      this.cursor = tail.head();
    } catch (Throwable e) {
      tail.close();
      throw e;
    }
    meters.channels().increment();
  }

  /** The channel's name. */
  public String channel() {
    return channel;
  }

  /** What holds for the channel. */
  public ChannelRules rules() {
    return rules;
  }

  /** Reads the local tail, as {@link Tail#read}. */
  public boolean read(StreamPosition after, ReadLimit limit, List<Publication> into) {
    return tail.read(after, limit, into);
  }

  /** Calls the waiter, who waits nowhere now, once when the channel grows. */
  public void park(Waiter waiter) {
    waiters.add(waiter);
  }

  /** Takes a waiter back, if it is still parked. */
  public void unpark(Waiter waiter) {
    waiters.remove(waiter);
  }

  /**
   * Where polls wait, in one object for all that wait there.
   *
   * @param cursor after a position
   * @param text that position, as clients send it
   */
  public record Place(Cursor.After cursor, Optional<String> text) {}

  /** The place after a position. */
  public Place placeAfter(StreamPosition position) {
    Place known = place;
    if (known == null || !known.cursor().position().equals(position)) {
      known = new Place(new Cursor.After(position), Optional.of(position.toString()));
      place = known;
    }
    return known;
  }

  /** Somebody begins to listen, as far as others are to know. */
  public void enter(Optional<String> user) {
    if (hasPresence) {
      shard.presence().enter(channel, user);
    }
  }

  /** The counterpart of {@link #enter}. */
  public void leave(Optional<String> user) {
    if (hasPresence) {
      shard.presence().leave(channel, user);
    }
  }

  /** The counterpart of {@link HubShard#acquire}. */
  public void release() {
    hub.listening().giveBackListener(channel, --references == 0);
    if (references == 0) {
      shard.forget(this);
      end();
    }
  }

  /** Follows no more. */
  void end() {
    meters.channels().decrement();
    try {
      tail.close();
    } catch (Throwable e) {
      hub.failures().contain(Failures.Place.BROKER, e);
    }
  }

  /** How many subscriptions and polls follow it. */
  int references() {
    return references;
  }

  /** How many polls are parked. */
  int parked() {
    return waiters.count();
  }

  void retain() {
    references++;
  }

  EventLoop eventLoop() {
    return shard.eventLoop();
  }

  StreamPosition cursor() {
    return cursor;
  }

  /** What is counted of this channel, together with others of its pattern. */
  public PatternMeters meters() {
    return meters;
  }

  /**
   * Sends to the live ones all that is there now; returns the cursor, which is then at or behind a
   * head that may have moved on meanwhile.
   */
  StreamPosition drainToHead() {
    StreamPosition target = tail.head();
    while (cursor.sameEpoch(target) && cursor.offset() < target.offset() && deliverNextBatch()) {
      // until the target is reached, or the log has been trimmed up to there
    }
    return cursor;
  }

  private void wake() {
    if (scheduled.compareAndSet(false, true)) {
      schedule(System.nanoTime());
    }
  }

  private void schedule(long sinceNanos) {
    wokenNanos = sinceNanos;
    boolean done = false;
    try {
      shard.eventLoop().execute(drainTask);
      done = true;
    } finally {
      if (!done) {
        scheduled.set(false);
        delay();
      }
    }
  }

  private void delay() {
    delayed = true;
    shard.wakeLater();
  }

  void wakeIfDelayed() {
    if (delayed) {
      tries++;
      wake();
    }
  }

  private void drain() {
    long since = wokenNanos;
    // Cleared before the head is read: what is appended after that schedules the next drain.
    scheduled.set(false);
    if (references == 0) {
      return;
    }
    delayed = false;
    try {
      drain(since);
    } catch (Throwable e) {
      hub.failures().contain(Failures.Place.DELIVERY, e);
      delay();
    }
    if (waiting != null) {
      List<Subscription> all = waiting;
      waiting = null;
      for (Subscription subscription : all) {
        subscription.resume();
      }
    }
  }

  private void drain(long since) {
    if (!waiters.isEmpty()) {
      waiters.wakeAll(hub.failures());
      if (references == 0) {
        meters.latency().record(System.nanoTime() - since);
        return;
      }
    }
    int batches = 0;
    while (deliverNextBatch()) {
      meters.latency().record(System.nanoTime() - since);
      if (++batches == BATCHES_PER_TURN) {
        if (scheduled.compareAndSet(false, true)) {
          schedule(since);
        }
        return;
      }
    }
  }

  /** Returns whether the cursor moved. */
  private boolean deliverNextBatch() {
    batch.clear();
    if (!tail.read(cursor, LIVE_LIMIT, batch)) {
      fallBehind();
      return false;
    }
    if (batch.isEmpty()) {
      return false;
    }
    @Nullable ByteBuf[] encoded = shard.borrowBuffers();
    try {
      List<Publication> own = encodingThemselves.size() == 0 ? List.of() : List.copyOf(batch);
      if (!encode(encoded)) {
        return false;
      }
      StreamPosition before = cursor;
      cursor = batch.getLast().position();
      for (int form = 0; form < WireForm.COUNT; form++) {
        ByteBuf bytes = encoded[form];
        LiveList subscriptions = live[form];
        if (bytes != null && subscriptions != null && subscriptions.size() > 0) {
          deliverShared(subscriptions, bytes, before);
        }
      }
      deliverOwn(own, before);
    } finally {
      shard.giveBack(encoded);
      batch.clear();
    }
    return true;
  }

  /**
   * Encodes the batch once for each form that somebody wants, or for none; returns whether it did.
   */
  private boolean encode(@Nullable ByteBuf[] into) {
    for (int form = 0; form < WireForm.COUNT; form++) {
      LiveList subscriptions = live[form];
      if (subscriptions != null && subscriptions.size() > 0) {
        WireForm wire = subscriptions.get(0).subscriber().sharedForm().orElseThrow();
        try {
          into[form] = wire.encode(hub.allocator(), channel, batch);
        } catch (Throwable e) {
          hub.failures().contain(Failures.Place.DELIVERY, e);
          if (tries < MOST_TRIES) {
            delay();
            return false;
          }
          dropAll(subscriptions, e);
        }
      }
    }
    tries = 0;
    return true;
  }

  @SuppressWarnings("ReferenceEquality") // whether it is this one
  private void deliverShared(LiveList subscriptions, ByteBuf encoded, StreamPosition before) {
    Via via = subscriptions.get(0).subscriber().via();
    long bytes = encoded.readableBytes();
    int written = 0;
    // Backwards, because a removed one is replaced by the last.
    int next = subscriptions.size() - 1;
    while (next >= 0) {
      int i = next;
      Outlet outlet = null;
      try {
        for (; i >= 0; i--) {
          outlet = subscriptions.outlet(i);
          if (outlet.isWritable()) {
            outlet.send(encoded);
            written++;
          } else {
            slowDown(subscriptions, subscriptions.get(i), before);
          }
        }
      } catch (Throwable e) {
        if (i < subscriptions.size() && subscriptions.outlet(i) == outlet) {
          drop(subscriptions, subscriptions.get(i), before, e);
        } else {
          hub.failures().contain(Failures.Place.DELIVERY, e); // it has left meanwhile
        }
      }
      next = i - 1;
    }
    meters.delivered(via, (long) written * batch.size(), written * bytes);
  }

  private void deliverOwn(List<Publication> publications, StreamPosition before) {
    for (int i = publications.isEmpty() ? -1 : encodingThemselves.size() - 1; i >= 0; i--) {
      Subscription subscription = encodingThemselves.get(i);
      try {
        if (subscription.subscriber().isWritable()) {
          deliverOwn(subscription, publications);
        } else {
          slowDown(encodingThemselves, subscription, before);
        }
      } catch (Throwable e) {
        drop(encodingThemselves, subscription, before, e);
      }
    }
  }

  private void slowDown(LiveList from, Subscription subscription, StreamPosition before) {
    from.remove(subscription);
    try {
      subscription.slowDown(before);
    } catch (Throwable e) {
      hub.failures().contain(Failures.Place.DELIVERY, e); // it is what it should be, but for a note
    }
  }

  /** Ends one that threw: its cursor is before what it may have got a part of. */
  private void drop(
      LiveList from, Subscription subscription, StreamPosition before, Throwable cause) {
    if (subscription.isLive()) {
      from.remove(subscription);
      subscription.becomeLagging(before);
    }
    drop(subscription, cause);
  }

  private void dropAll(LiveList from, Throwable cause) {
    while (from.size() > 0) {
      drop(from, from.get(from.size() - 1), cursor, cause);
    }
  }

  /** Ends one for which something was done that threw. */
  void drop(Subscription subscription, Throwable cause) {
    hub.failures().contain(Failures.Place.DELIVERY, cause);
    try {
      subscription.subscriber().abort(cause);
    } catch (Throwable e) {
      hub.failures().contain(Failures.Place.DELIVERY, e);
    }
  }

  private void deliverOwn(Subscription subscription, List<Publication> publications) {
    Subscriber subscriber = subscription.subscriber();
    int bytes = subscriber.writeOwn(subscription, publications);
    meters.delivered(subscriber.via(), publications.size(), bytes);
  }

  /**
   * The log has moved on before this shard read it: each subscriber finds out for itself what it
   * missed.
   */
  private void fallBehind() {
    StreamPosition lost = cursor;
    StreamPosition head = tail.head();
    // Whatever may throw comes before the first change.
    List<Subscription> fallen = new ArrayList<>(countLive());
    cursor = head;
    for (LiveList subscriptions : live) {
      if (subscriptions != null) {
        takeAll(subscriptions, fallen);
      }
    }
    takeAll(encodingThemselves, fallen);
    for (Subscription subscription : fallen) {
      subscription.becomeLagging(lost);
    }
    for (Subscription subscription : fallen) {
      subscription.resume();
    }
  }

  private int countLive() {
    int count = encodingThemselves.size();
    for (LiveList subscriptions : live) {
      count += subscriptions == null ? 0 : subscriptions.size();
    }
    return count;
  }

  private static void takeAll(LiveList from, List<Subscription> into) {
    while (from.size() > 0) {
      Subscription last = from.get(from.size() - 1);
      from.remove(last);
      into.add(last);
    }
  }

  void refresh(Subscription subscription) {
    listOf(subscription).refresh(subscription);
  }

  void leave(Subscription subscription) {
    listOf(subscription).remove(subscription);
  }

  private void join(Subscription subscription) {
    listOf(subscription).add(subscription);
    subscription.becomeLive();
  }

  private LiveList listOf(Subscription subscription) {
    WireForm form = subscription.subscriber().sharedForm().orElse(null);
    if (form == null) {
      return encodingThemselves;
    }
    LiveList list = live[form.index()];
    if (list == null) {
      list = new LiveList();
      live[form.index()] = list;
    }
    return list;
  }

  /**
   * Reads from the subscription's cursor while its connection takes it, up to the shard's cursor.
   * What can't be read now is tried again a moment later; a subscription that can't be written to
   * ends.
   */
  void catchUp(Subscription subscription) {
    try {
      Subscriber subscriber = subscription.subscriber();
      while (subscription.isLagging() && subscriber.isWritable()) {
        StreamPosition from = subscription.position();
        if (from.equals(cursor)) {
          join(subscription);
          return;
        }
        List<Publication> missed = new ArrayList<>();
        switch (readFor(from, missed)) {
          case YES -> {}
          case NOT_HERE -> {
            subscription.ask(hub);
            return;
          }
          case NOT_NOW -> {
            waitForDrain(subscription);
            return;
          }
        }
        if (!missed.isEmpty()) {
          deliverOwn(subscription, missed);
          subscription.advanceTo(missed.getLast().position());
        }
      }
    } catch (Throwable e) {
      drop(subscription, e);
    }
  }

  private enum CouldRead {
    YES,
    NOT_HERE,
    NOT_NOW
  }

  private CouldRead readFor(StreamPosition from, List<Publication> into) {
    try {
      if (isAhead(from)) {
        drainToHead();
        if (delayed && isAhead(from)) {
          return CouldRead.NOT_NOW;
        }
      }
      return readUpToCursor(from, into) ? CouldRead.YES : CouldRead.NOT_HERE;
    } catch (Throwable e) {
      hub.failures().contain(Failures.Place.BROKER, e);
      delay();
      return CouldRead.NOT_NOW;
    }
  }

  private boolean isAhead(StreamPosition from) {
    return from.sameEpoch(cursor) && from.offset() > cursor.offset();
  }

  private void waitForDrain(Subscription subscription) {
    if (waiting == null) {
      waiting = new ArrayList<>();
    }
    waiting.add(subscription);
  }

  private boolean readUpToCursor(StreamPosition from, List<Publication> into) {
    if (!from.sameEpoch(cursor)) {
      return false;
    }
    long behind = cursor.offset() - from.offset();
    if (behind <= 0) {
      // The cursor itself is met by the caller; beyond the head only the broker knows what
      // happened.
      return behind == 0;
    }
    int most = (int) Math.min(behind, CATCH_UP_LIMIT.publications());
    return tail.read(from, new ReadLimit(most, CATCH_UP_LIMIT.bytes()), into);
  }

  /** Sends what the broker said about a cursor that the tail doesn't reach back to. */
  void deliverAnswer(Subscription subscription, Batch answer) {
    Gap gap = answer.gap().orElse(null);
    if (gap != null && !passGap(subscription, gap)) {
      return;
    }
    if (subscription.isLagging() && !answer.publications().isEmpty() && !skips(gap)) {
      // The broker may know more than the shard has drained: go no further than the shard.
      List<Publication> known = upToCursor(answer.publications());
      if (!known.isEmpty()) {
        deliverOwn(subscription, known);
        subscription.advanceTo(known.getLast().position());
      }
    }
    // Not from here: an answer that is there at once would make the stack grow with the backlog.
    shard.eventLoop().execute(subscription::resume);
  }

  private boolean skips(@Nullable Gap gap) {
    return gap != null
        && switch (rules.overflow()) {
          case GAP -> false;
          case LATEST, CLOSE -> true;
        };
  }

  /** Returns whether the subscription goes on. */
  private boolean passGap(Subscription subscription, Gap gap) {
    return switch (rules.overflow()) {
      case GAP -> {
        subscription.advanceTo(gap.to());
        meters.gaps().increment();
        subscription.subscriber().writeGap(subscription, gap);
        yield true;
      }
      case LATEST -> {
        StreamPosition to = beforeNewest(gap);
        subscription.advanceTo(to);
        meters.gaps().increment();
        subscription.subscriber().writeGap(subscription, new Gap(gap.from(), to));
        yield true;
      }
      case CLOSE -> {
        subscription.subscriber().closeOverflowed(subscription);
        yield false;
      }
    };
  }

  /** The newest publication itself is what such a subscriber wants. */
  private StreamPosition beforeNewest(Gap gap) {
    StreamPosition newest = drainToHead();
    boolean moreIsKept = newest.sameEpoch(gap.to()) && newest.offset() > gap.to().offset();
    return moreIsKept ? new StreamPosition(newest.epoch(), newest.offset() - 1) : gap.to();
  }

  private List<Publication> upToCursor(List<Publication> publications) {
    drainToHead();
    int end = publications.size();
    while (end > 0 && publications.get(end - 1).position().offset() > cursor.offset()) {
      end--;
    }
    return publications.subList(0, end);
  }
}
