package dev.halley.server.admin;

import dev.halley.broker.Batch;
import dev.halley.broker.BrokerUsage;
import dev.halley.broker.ChannelUsage;
import dev.halley.broker.Cursor;
import dev.halley.broker.Member;
import dev.halley.broker.Present;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.server.ServerMetrics;
import dev.halley.server.hub.Connected;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.Subscription;
import dev.halley.server.meter.Totals;
import dev.halley.server.meter.Via;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What the operator's page shows, as JSON. Each event loop is asked for its part, which is bounded,
 * and the caller waits: so it is not called on one.
 */
public final class AdminReports {
  /** The most lines of one answer. */
  public static final int MOST_LINES = 200;

  private static final int NEWEST = 20;
  private static final int MOST_TEXT = 2_000;
  private static final long PATIENCE_SECONDS = 5;

  private final Hub hub;
  private final ServerMetrics metrics;

  /** Reports of one server. */
  public AdminReports(Hub hub, ServerMetrics metrics) {
    this.hub = hub;
    this.metrics = metrics;
  }

  // ---- the whole ----

  /** Totals since the start, and what there is now. */
  public String overview() {
    Totals totals = Totals.of(hub.shards().stream().map(HubShard::meters).toList());
    JsonObject counters = new JsonObject();
    metrics.snapshot().forEach(counters::put);
    JsonObject json =
        new JsonObject()
            .put("time", System.currentTimeMillis())
            .put("loops", hub.shards().size())
            .put("connections", byVia(totals.connections()))
            .put("subscriptions", totals.subscriptions())
            .put("lagging", totals.lagging())
            .put("slowed", totals.slowed())
            .put("gaps", totals.gaps())
            .put("publications", totals.publications())
            .put("publishedBytes", totals.publishedBytes())
            .put("deliveries", byVia(totals.deliveries()))
            .put("deliveredBytes", totals.deliveredBytes())
            .put("counters", counters)
            .putNumbers("latencyBounds", totals.latencyBounds())
            .putNumbers("latencyCounts", totals.latencyCounts());
    Optional<BrokerUsage> usage = hub.broker().usage();
    usage.ifPresent(it -> json.put("channels", it.channels()).put("bytes", it.bytes()));
    return json.toString();
  }

  private static JsonObject byVia(Map<Via, Long> values) {
    JsonObject json = new JsonObject();
    values.forEach((via, value) -> json.put(via.label(), value));
    return json;
  }

  // ---- connections ----

  /**
   * Which connections to list.
   *
   * @param after those with a larger number
   * @param via those that are used so, or all
   * @param lagging only those that lag
   * @param limit at most so many
   */
  public record ConnectionQuery(long after, Optional<Via> via, boolean lagging, int limit) {}

  private record Line(long number, String json) {}

  /** Connections in the order in which they came, from one on. */
  public String connections(ConnectionQuery query) {
    List<Line> lines = new ArrayList<>();
    Predicate<Connected> wanted =
        connected ->
            connected.start().number() > query.after()
                && query.via().map(via -> via == connected.via()).orElse(true)
                && (!query.lagging() || isLagging(connected));
    boolean complete =
        onEachLoop(shard -> () -> firstOf(shard, wanted, query.limit() + 1), lines::addAll);
    lines.sort(Comparator.comparingLong(Line::number));
    boolean more = lines.size() > query.limit();
    List<Line> page = more ? lines.subList(0, query.limit()) : lines;
    return new JsonObject()
        .putRaw("connections", page.stream().map(Line::json).toList())
        .put("more", more)
        .put("complete", complete)
        .toString();
  }

  /** Those with the smallest numbers, however many there are. */
  private static List<Line> firstOf(HubShard shard, Predicate<Connected> wanted, int limit) {
    Comparator<Connected> byNumber = Comparator.comparingLong(it -> it.start().number());
    PriorityQueue<Connected> first = new PriorityQueue<>(byNumber.reversed());
    shard.forEachConnected(
        connected -> {
          if (wanted.test(connected)) {
            first.add(connected);
            if (first.size() > limit) {
              first.remove();
            }
          }
        });
    return first.stream().map(it -> new Line(it.start().number(), summary(it).toString())).toList();
  }

  private static boolean isLagging(Connected connected) {
    return connected.subscriptions().stream().anyMatch(Subscription::lags);
  }

  private static JsonObject summary(Connected connected) {
    List<String> channels =
        connected.subscriptions().stream().limit(3).map(Subscription::channel).toList();
    return new JsonObject()
        .put("id", connected.start().number())
        .put("transport", connected.via().label())
        .put("address", address(connected))
        .put("since", connected.start().timeMillis())
        .putTexts("channels", channels)
        .put("subscriptions", connected.subscriptions().size())
        .put("lagging", isLagging(connected))
        .put("pendingBytes", connected.pendingBytes())
        .put("writtenBytes", connected.writtenBytes());
  }

  private static String address(Connected connected) {
    String host = connected.remoteAddress().getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? '[' + host + ']' : host)
        + ':'
        + connected.remoteAddress().getPort();
  }

  /** One connection with each of its subscriptions. */
  public Optional<String> connection(long number) {
    return find(number, AdminReports::details);
  }

  private static String details(Connected connected) {
    List<String> subscriptions =
        connected.subscriptions().stream()
            .map(
                it ->
                    new JsonObject()
                        .put("channel", it.channel())
                        .put("position", it.position().toString())
                        .put("lagging", it.lags())
                        .toString())
            .toList();
    return summary(connected).putRaw("subscribed", subscriptions).toString();
  }

  /** Ends a connection; returns whether there was one. */
  public boolean disconnect(long number) {
    return find(
            number,
            connected -> {
              connected.disconnect();
              return true;
            })
        .isPresent();
  }

  private <T> Optional<T> find(long number, Function<Connected, T> use) {
    List<T> found = new ArrayList<>(1);
    onEachLoop(
        shard ->
            () -> {
              List<T> here = new ArrayList<>(1);
              List<Connected> match = new ArrayList<>(1);
              shard.forEachConnected(
                  connected -> {
                    if (connected.start().number() == number) {
                      match.add(connected);
                    }
                  });
              // Not while the list is walked: it may change then.
              match.forEach(connected -> here.add(use.apply(connected)));
              return here;
            },
        found::addAll);
    return found.stream().findFirst();
  }

  // ---- channels ----

  /** Channels that have a log or listeners, in the order of their names. */
  public String channels(String prefix, String after, int limit) {
    Map<String, Integer> followers = new TreeMap<>();
    boolean complete =
        onEachLoop(
            shard -> () -> shard.followed(prefix, after, limit + 1),
            part -> part.forEach((name, count) -> followers.merge(name, count, Integer::sum)));
    for (String name : hub.broker().channels(prefix, after, limit + 1)) {
      followers.putIfAbsent(name, 0);
    }
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, Integer> entry : followers.entrySet()) {
      if (lines.size() == limit) {
        break;
      }
      lines.add(channel(entry.getKey()).put("listeners", entry.getValue()).toString());
    }
    return new JsonObject()
        .putRaw("channels", lines)
        .put("more", followers.size() > limit)
        .put("complete", complete)
        .toString();
  }

  private JsonObject channel(String name) {
    JsonObject json = new JsonObject().put("channel", name);
    hub.broker().usage(name).ifPresent(usage -> put(json, usage));
    return json;
  }

  private static void put(JsonObject json, ChannelUsage usage) {
    json.put("head", usage.head().toString())
        .put("publications", usage.publications())
        .put("bytes", usage.bytes());
  }

  /** What one loop knows of a channel; added up by whoever asks, and not by the loops. */
  private record Listening(int followers, Map<Via, Long> by) {}

  /** One channel: its log, who listens by transport, and what was published last. */
  public Optional<String> channelDetails(String name) {
    Map<Via, Long> listeners = new EnumMap<>(Via.class);
    AtomicInteger followers = new AtomicInteger();
    onEachLoop(
        shard ->
            () -> {
              Map<Via, Long> here = new EnumMap<>(Via.class);
              shard.forEachConnected(
                  connected -> {
                    for (Subscription subscription : connected.subscriptions()) {
                      if (subscription.channel().equals(name)) {
                        here.merge(connected.via(), 1L, Long::sum);
                      }
                    }
                  });
              int polls = shard.parkedPolls(name);
              if (polls > 0) {
                here.put(Via.LONG_POLL, (long) polls);
              }
              return new Listening(shard.followers(name), here);
            },
        part -> {
          followers.addAndGet(part.followers());
          part.by().forEach((via, count) -> listeners.merge(via, count, Long::sum));
        });
    Optional<ChannelUsage> usage = hub.broker().usage(name);
    Optional<Present> present =
        hub.policies().hasPresence(name)
            ? await(hub.broker().presence().orElseThrow().present(name))
            : Optional.empty();
    boolean isEmpty = present.map(it -> it.members().isEmpty() && it.anonymous() == 0).orElse(true);
    if (usage.isEmpty() && followers.get() == 0 && isEmpty) {
      return Optional.empty();
    }
    JsonObject json = channel(name).put("listenersBy", byVia(listeners));
    usage.ifPresent(it -> json.putRaw("newest", newest(name, it)));
    present.ifPresent(it -> put(json, it));
    return Optional.of(json.toString());
  }

  private List<String> newest(String name, ChannelUsage usage) {
    if (usage.publications() == 0) {
      return List.of();
    }
    StreamPosition head = usage.head();
    long before = Math.max(head.offset() - Math.min(NEWEST, usage.publications()), 0);
    Cursor since = new Cursor.After(new StreamPosition(head.epoch(), before));
    return await(hub.broker().history(name, since, new ReadLimit(NEWEST, 4 << 20)))
        .map(Batch::publications)
        .orElse(List.of())
        .reversed()
        .stream()
        .map(AdminReports::publication)
        .toList();
  }

  private static void put(JsonObject json, Present present) {
    List<Member> members = present.members();
    json.put("present", members.size())
        .put("anonymous", present.anonymous())
        .putTexts("members", members.stream().limit(MOST_LINES).map(Member::user).toList());
  }

  /** What the broker says, if it says something in time. */
  private static <T> Optional<T> await(CompletionStage<T> answer) {
    try {
      return Optional.of(answer.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static String publication(Publication publication) {
    JsonObject json =
        new JsonObject()
            .put("position", publication.position().toString())
            .put("time", publication.timeMillis())
            .put("type", publication.payload().type().name())
            .put("bytes", publication.payload().size());
    return json.put("text", PayloadText.cut(publication.payload(), MOST_TEXT)).toString();
  }

  // ---- asking the loops ----

  /** Returns whether all loops have answered in time. */
  private <T> boolean onEachLoop(Function<HubShard, Callable<T>> task, Consumer<T> each) {
    Map<HubShard, Future<T>> asked = new HashMap<>();
    boolean complete = true;
    for (HubShard shard : hub.shards()) {
      try {
        asked.put(shard, shard.eventLoop().submit(task.apply(shard)));
      } catch (RejectedExecutionException e) {
        complete = false; // it has ended
      }
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (Future<T> answer : asked.values()) {
      try {
        each.accept(answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      } catch (TimeoutException e) {
        complete = false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return complete;
  }
}
