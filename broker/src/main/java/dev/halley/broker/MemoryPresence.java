package dev.halley.broker;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** Keeps the leases in this process' memory. All stages it returns are completed. */
final class MemoryPresence implements Presence {
  private final Broker broker;
  private final PresenceLimits limits;
  private final BrokerClock clock;
  private final PresencePlaces places;
  private final Map<String, ChannelPresence> channels = new ConcurrentHashMap<>();

  /** With the broker that has the logs of the changes. */
  MemoryPresence(Broker broker, PresenceLimits limits, BrokerClock clock, ByteBudget budget) {
    this.broker = broker;
    this.limits = limits;
    this.clock = clock;
    this.places = new PresencePlaces(limits, budget);
  }

  @Override
  public CompletionStage<Boolean> renew(
      String channel, String user, String holder, Duration lease) {
    return in(channel, here -> here.renew(user, holder, clock.millis(), lease.toMillis()));
  }

  @Override
  public CompletionStage<Void> release(String channel, String user, String holder, Duration after) {
    ChannelPresence here = channels.get(channel);
    if (here != null) {
      here.release(user, holder, clock.millis(), after.toMillis());
      if (here.isRetired()) {
        channels.remove(channel, here);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> count(String channel, String holder, int anonymous, Duration lease) {
    return in(
            channel,
            here -> here.count(holder, anonymous, clock.millis(), lease.toMillis()) ? true : null)
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Present> present(String channel) {
    return in(channel, here -> here.present(clock.millis()));
  }

  @Override
  public void forEachChannel(ObjIntConsumer<String> each) {
    channels.forEach((channel, here) -> each.accept(channel, here.size()));
  }

  /** Ends the leases that have run out. Any thread. */
  void expire() {
    long now = clock.millis();
    channels.forEach(
        (channel, here) -> {
          if (here.expire(now)) {
            channels.remove(channel, here);
          }
        });
  }

  /** How many users are present anywhere. */
  int users() {
    return places.users();
  }

  /** How many channels somebody is remembered of. */
  int channels() {
    return channels.size();
  }

  /**
   * Uses what there is of a channel, and forgets it if nothing is left.
   *
   * @param use returns null if it is retired
   */
  private <T> CompletionStage<T> in(String channel, Function<ChannelPresence, @Nullable T> use) {
    try {
      while (true) {
        ChannelPresence here =
            channels.computeIfAbsent(
                channel,
                name -> new ChannelPresence(broker, name, limits.members(), places, clock));
        T done = use.apply(here);
        if (here.isRetired()) {
          channels.remove(channel, here);
        }
        if (done != null) {
          return CompletableFuture.completedFuture(done);
        }
      }
    } catch (BrokerUnavailableException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
