package dev.halley.server.arrival;

import dev.halley.server.Arriving;
import dev.halley.server.Limit;
import dev.halley.server.ProxyTrust;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory of all that has arrived and isn't done with: one budget for all connections. What asks
 * for more when it is used up is refused, and nothing that is held is taken away.
 *
 * <p>So that those who send much, or never come to an end, leave room for all others, large pieces
 * that aren't complete get three quarters of it, small ones, and large ones that are complete,
 * seven eighths, and only what is small and complete gets all. And one address gets a share. For
 * any number of threads.
 */
public final class Arrivals {
  /** What is no larger than this is small. */
  public static final int SMALL = 64 << 10;

  private final Arriving bounds;
  private final long mostLarge;
  private final long mostUsual;
  private final ProxyTrust trust;
  private final ServerMetrics metrics;
  private final AtomicLong held = new AtomicLong();
  private final Map<InetAddress, Long> byAddress = new ConcurrentHashMap<>();
  private final AtomicBoolean toldFull = new AtomicBoolean();

  /** Nothing is held yet. */
  public Arrivals(ServerConfig config, ServerMetrics metrics) {
    this.bounds = config.arriving();
    this.mostLarge = bounds.bytes() / 4 * 3;
    this.mostUsual = bounds.bytes() / 8 * 7;
    this.trust = config.proxyTrust();
    this.metrics = metrics;
  }

  /** How many bytes are held now. */
  public long held() {
    return held.get();
  }

  /** Whether half of it is used up: then nobody holds any of it who doesn't go on. */
  public boolean isShort() {
    return held.get() > bounds.bytes() / 2;
  }

  /** How many bytes may be held. */
  public long most() {
    return bounds.bytes();
  }

  /** The share of one request or message of an address, which holds nothing yet. */
  public Share share(InetAddress address) {
    return new Share(trust.counted(address).orElse(null));
  }

  /**
   * Changes what an address holds for one piece.
   *
   * @param from how much it holds for it
   * @param to how much it is going to hold
   * @param complete whether it waits for nothing more from the client
   * @return whether it may; it may always hold less
   */
  public boolean resize(InetAddress address, long from, long to, boolean complete) {
    return to == from || resizeCounted(trust.counted(address).orElse(null), from, to, complete);
  }

  private boolean resizeCounted(
      @Nullable InetAddress counted, long from, long to, boolean complete) {
    long more = to - from;
    if (more <= 0) {
      giveBack(counted, -more);
      return true;
    }
    if (held.addAndGet(more) > most(to, complete)) {
      held.addAndGet(-more);
      refuse(Limit.ARRIVING_BYTES);
      return false;
    }
    if (counted != null && byAddress.merge(counted, more, Long::sum) > bounds.bytesPerAddress()) {
      giveBack(counted, more);
      refuse(Limit.ARRIVING_BYTES_PER_ADDRESS);
      return false;
    }
    return true;
  }

  private long most(long size, boolean complete) {
    if (size > SMALL) {
      return complete ? mostUsual : mostLarge;
    }
    return complete ? bounds.bytes() : mostUsual;
  }

  private void giveBack(@Nullable InetAddress counted, long bytes) {
    if (bytes == 0) {
      return;
    }
    if (counted != null) {
      byAddress.computeIfPresent(counted, (key, sum) -> sum == bytes ? null : sum - bytes);
    }
    if (held.addAndGet(-bytes) < bounds.bytes() / 2 && toldFull.get()) {
      toldFull.set(false);
    }
  }

  private void refuse(Limit limit) {
    metrics.exceed(limit);
    if (!toldFull.get() && toldFull.compareAndSet(false, true)) {
      // Not kept: the first logger that is asked for looks for a logging system in each jar.
      System.getLogger(Arrivals.class.getName())
          .log(
              Level.WARNING,
              "What has arrived and isn''t done with is too much: {0} is reached, {1} bytes are"
                  + " held. More is refused until half of limits.arriving-bytes is free",
              limit.key(),
              held.get());
    }
  }

  /**
   * What one request or message holds. It is changed by one thread; whoever else needs what it
   * stands for {@linkplain #retain retains} it, and any thread may let go.
   */
  public final class Share {
    private final @Nullable InetAddress counted;
    private final AtomicInteger holders = new AtomicInteger(1);
    private long bytes;

    private Share(@Nullable InetAddress counted) {
      this.counted = counted;
    }

    /** Whether there is little left for others. */
    public boolean isShort() {
      return Arrivals.this.isShort();
    }

    /** How much it holds. */
    public long bytes() {
      return bytes;
    }

    /** It is going to hold so much in all, and isn't complete; says whether it may. */
    public boolean hold(long total) {
      return resize(total, false);
    }

    /** It is complete and is going to hold so much in all; says whether it may. */
    public boolean holdComplete(long total) {
      return resize(total, true);
    }

    private boolean resize(long total, boolean complete) {
      if (!resizeCounted(counted, bytes, total, complete)) {
        return false;
      }
      bytes = total;
      return true;
    }

    /** Somebody else needs it, too, and will let go of it. */
    public Share retain() {
      holders.incrementAndGet();
      return this;
    }

    /** Lets go; with the last that does, nothing is held. */
    public void release() {
      if (holders.decrementAndGet() == 0) {
        giveBack(counted, bytes);
        bytes = 0;
      }
    }
  }
}
