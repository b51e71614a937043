package dev.halley.server.hub;

import dev.halley.server.Failures;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one event loop: every connection of the loop has exactly one, so that they are
 * also the list of what is connected. ({@link ShardPresence} has one, too, and is nobody.) Setting,
 * moving and cancelling one is a few pointer writes, whatever their number; a deadline fires up to
 * {@link #TICK_NANOS} late. Used on its event loop only.
 */
public final class TimerWheel {
  /** Nanoseconds by which a deadline may be late. */
  public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /**
   * A deadline that is later than that is so because this process stood still: it was stopped, its
   * machine suspended, its garbage collected. No peer could be heard meanwhile.
   */
  static final long STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long is waited once more then. */
  public static final long SECOND_CHANCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int SLOTS = 1024;

  /** What happens when time is up, and when the server stops. Called on the event loop. */
  public interface Task {
    /** The deadline has passed; it may be set again from here. */
    void onDeadline(long nanoTime);

    /**
     * The deadline has passed while this process stood still: what it was set to wait for may have
     * come and not been looked at, or not been asked for. Who judges a peer by a deadline asks or
     * waits once more.
     */
    default void onLateDeadline(long nanoTime) {
      onDeadline(nanoTime);
    }

    /** The server drains, and this one's moment has come: come to an end. */
    void onDrain();

    /**
     * One of the two threw: what this is about ends now, without a word. What it was has been
     * noted.
     */
    void abort();
  }

  /** One deadline, set or not. */
  public static final class Timer {
    private final Task task;
    private @Nullable Timer previous;
    private @Nullable Timer next;
    private long tick;
    private int slot = -1;

    /** Whether it has been given its moment to leave, or needs none. */
    private boolean leaving;

    /** A deadline that isn't set yet. */
    public Timer(Task task) {
      this.task = task;
    }
  }

  private final EventLoop loop;
  private final LongSupplier nanoClock;
  private final Failures failures;
  private final long start;
  private final @Nullable Timer[] slots = new @Nullable Timer[SLOTS];
  private final Runnable advance = this::advance;
  private long currentTick;

  /** How long this process has stood still, as far as it was noticed. */
  private long standstillNanos;

  private int size;
  private long wakeUpTick = Long.MAX_VALUE;
  private @Nullable Future<?> wakeUp;

  /** The next one to look at while a slot fires: a task may cancel any. */
  private @Nullable Timer following;

  private @Nullable RandomGenerator drainRandom;
  private long drainEnd;

  /**
   * A wheel for one event loop.
   *
   * @param nanoClock as {@link System#nanoTime}
   * @param failures are told what tasks throw
   */
  public TimerWheel(EventLoop loop, LongSupplier nanoClock, Failures failures) {
    this.loop = loop;
    this.nanoClock = nanoClock;
    this.failures = failures;
    this.start = nanoClock.getAsLong();
  }

  /**
   * The clock of those who judge how long a peer was silent, in nanoseconds: it stands while this
   * process does.
   */
  public long nanoTime() {
    return nanoClock.getAsLong() - standstillNanos;
  }

  /** The clock that never stands, in nanoseconds: for what others measure meanwhile. */
  long steadyNanoTime() {
    return nanoClock.getAsLong();
  }

  /** Sets a deadline, or moves it. */
  public void set(Timer timer, long delayNanos) {
    cancel(timer);
    long dueNanos = nanoClock.getAsLong() - start + Math.max(delayNanos, 0);
    timer.tick = Math.max(dueNanos / TICK_NANOS + 1, currentTick + 1);
    link(timer);
    if (timer.tick < wakeUpTick) {
      scheduleWakeUp(timer.tick);
    }
    if (drainRandom != null && !timer.leaving) {
      setDeparture(timer, drainRandom);
    }
  }

  /** Sets a deadline, if it is set, for another timer instead, whose task takes over. */
  public void replace(Timer timer, Timer successor) {
    if (timer.slot >= 0) {
      cancel(timer);
      set(successor, (timer.tick - 1) * TICK_NANOS + start - nanoClock.getAsLong());
    }
  }

  /** Takes a deadline back. */
  public void cancel(Timer timer) {
    if (timer.slot >= 0) {
      unlink(timer);
    }
  }

  /**
   * Tells every task whose deadline is set that the server drains, each at a moment of its own. Who
   * sets a deadline later, for the first time, is told within the rest of the time, or next if it
   * is over: it came with a request that was under way.
   *
   * @param random chooses the moments
   */
  public void drain(long withinNanos, RandomGenerator random) {
    drainEnd = nanoClock.getAsLong() + withinNanos;
    drainRandom = random;
    List<Timer> all = new ArrayList<>(size);
    for (Timer first : slots) {
      for (Timer timer = first; timer != null; timer = timer.next) {
        all.add(timer);
      }
    }
    for (Timer timer : all) {
      try {
        setDeparture(timer, random);
      } catch (Throwable e) {
        failures.contain(Failures.Place.TIMER, e); // it is cut when the time is over
      }
    }
  }

  private void setDeparture(Timer timer, RandomGenerator random) {
    timer.leaving = true;
    Timer departure = new Timer(new Departure(timer));
    departure.leaving = true;
    long left = drainEnd - nanoClock.getAsLong();
    set(departure, left > 0 ? random.nextLong(left) : 0);
  }

  /** The moment at which one is told to leave. */
  private record Departure(Timer timer) implements Task {
    @Override
    public void onDeadline(long nanoTime) {
      // A connection that is gone, or is another task's by now, has no deadline any more.
      if (timer.slot >= 0) {
        timer.task.onDrain();
      }
    }

    @Override
    public void onDrain() {
      // It is the drain itself.
    }

    @Override
    public void abort() {
      timer.task.abort();
    }
  }

  /** Ends all that has a deadline. */
  void abortAll() {
    List<Timer> all = new ArrayList<>(size);
    for (Timer first : slots) {
      for (Timer timer = first; timer != null; timer = timer.next) {
        all.add(timer);
      }
    }
    for (Timer timer : all) {
      if (timer.slot >= 0) {
        abort(timer.task);
      }
    }
  }

  private void abort(Task task) {
    try {
      task.abort();
    } catch (Throwable e) {
      failures.contain(Failures.Place.TIMER, e);
    }
  }

  /** Shows every task whose deadline is set; none may be set or cancelled meanwhile. */
  void forEach(Consumer<Task> each) {
    for (Timer first : slots) {
      for (Timer timer = first; timer != null; timer = timer.next) {
        each.accept(timer.task);
      }
    }
  }

  /** The number of deadlines that are set. */
  public int size() {
    return size;
  }

  /**
   * Looks after what is due, should the wheel not have been able to have itself woken. Called from
   * time to time.
   */
  void ensureWoken() {
    if (size > 0 && wakeUp == null) {
      advance();
    }
  }

  private void advance() {
    long before = wakeUpTick;
    long dueNanos = start + before * TICK_NANOS;
    wakeUp = null;
    wakeUpTick = Long.MAX_VALUE;
    try {
      fireDue(dueNanos, before != Long.MAX_VALUE);
    } catch (Throwable e) {
      failures.contain(Failures.Place.TIMER, e); // a clock that fails: see ensureWoken
    }
  }

  /**
   * Fires what is due.
   *
   * @param dueNanos when this was to happen
   * @param planned whether it was, so that it may be late
   */
  private void fireDue(long dueNanos, boolean planned) {
    long steady = nanoClock.getAsLong();
    long nowTick = (steady - start) / TICK_NANOS;
    boolean late = planned && steady - dueNanos > STANDSTILL_NANOS;
    if (late) {
      standstillNanos += steady - dueNanos;
    }
    long now = steady - standstillNanos;
    // After a pause longer than one round every slot is looked at once, not once per round.
    long from = Math.max(currentTick + 1, nowTick - SLOTS + 1);
    currentTick = nowTick;
    for (long tick = from; tick <= nowTick; tick++) {
      fireSlot((int) (tick % SLOTS), nowTick, now, late);
    }
    if (size > 0) {
      long next = nextOccupiedTick(nowTick);
      if (next < wakeUpTick) {
        scheduleWakeUp(next);
      }
    }
  }

  private void fireSlot(int slot, long nowTick, long now, boolean late) {
    Timer timer = slots[slot];
    while (timer != null) {
      following = timer.next;
      if (timer.tick <= nowTick) {
        unlink(timer);
        fire(timer.task, now, late);
      }
      timer = following;
    }
  }

  /** What one throws is no matter of the others. */
  private void fire(Task task, long now, boolean late) {
    try {
      if (late) {
        task.onLateDeadline(now);
      } else {
        task.onDeadline(now);
      }
    } catch (Throwable e) {
      failures.contain(Failures.Place.TIMER, e);
      abort(task);
    }
  }

  private long nextOccupiedTick(long nowTick) {
    for (int i = 1; i < SLOTS; i++) {
      if (slots[(int) ((nowTick + i) % SLOTS)] != null) {
        return nowTick + i;
      }
    }
    return nowTick + SLOTS;
  }

  private void scheduleWakeUp(long tick) {
    Future<?> before = wakeUp;
    try {
      long delay = tick * TICK_NANOS - (nanoClock.getAsLong() - start);
      wakeUp = loop.schedule(advance, Math.max(delay, 0), TimeUnit.NANOSECONDS);
      wakeUpTick = tick;
      if (before != null) {
        before.cancel(false);
      }
    } catch (Throwable e) {
      // The one before is still scheduled; without one see ensureWoken.
      failures.contain(Failures.Place.TIMER, e);
    }
  }

  private void link(Timer timer) {
    int slot = (int) (timer.tick % SLOTS);
    Timer first = slots[slot];
    timer.slot = slot;
    timer.next = first;
    if (first != null) {
      first.previous = timer;
    }
    slots[slot] = timer;
    size++;
  }

  private void unlink(Timer timer) {
    if (timer == following) {
      following = timer.next;
    }
    Timer previous = timer.previous;
    Timer next = timer.next;
    if (previous == null) {
      slots[timer.slot] = next;
    } else {
      previous.next = next;
    }
    if (next != null) {
      next.previous = previous;
    }
    timer.previous = null;
    timer.next = null;
    timer.slot = -1;
    size--;
  }
}
