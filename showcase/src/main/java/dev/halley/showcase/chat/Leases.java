package dev.halley.showcase.chat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is in which room. Each open tab has a lease that it renews; one that doesn't is gone when the
 * lease has run out, however its end came about. A name with several tabs is in a room once.
 *
 * <p>For one thread at a time.
 */
final class Leases {
  /**
   * How much is remembered.
   *
   * @param lease how long a tab counts as open after it said so
   * @param tabs at most so many in all rooms together
   * @param rooms at most so many with somebody in them
   * @param namesPerRoom at most so many people in one room
   */
  record Limits(Duration lease, int tabs, int rooms, int namesPerRoom) {
    /** A lease is two and a half times the 10 seconds after which pages renew theirs. */
    static Limits defaults() {
      return new Limits(Duration.ofSeconds(25), 2_000, 64, 100);
    }
  }

  /** What became of a renewal. */
  sealed interface Renewal {
    /** The tab is in the room; these came and went by that. */
    record Held(List<Change> changes) implements Renewal {}

    /** There is no room for it. */
    record Full(String rule) implements Renewal {}
  }

  private record Lease(String room, String name, long endMillis) {}

  private final Limits limits;
  private final InstantSource clock;

  /** By tab, from the one that ends first to the one that ends last. */
  private final LinkedHashMap<String, Lease> leases = new LinkedHashMap<>();

  /** How many tabs each name has in each room. None has none. */
  private final TreeMap<String, TreeMap<String, Integer>> rooms = new TreeMap<>();

  Leases(Limits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** Says that a tab is in a room under a name, and so in no other and under no other. */
  Renewal renew(String room, String name, String tab) {
    Lease before = leases.get(tab);
    if (before != null && before.room.equals(room) && before.name.equals(name)) {
      leases.remove(tab);
      leases.put(tab, lease(room, name));
      return new Renewal.Held(List.of());
    }
    @Nullable String rule = ruleAgainst(room, name, before);
    if (rule != null) {
      return new Renewal.Full(rule);
    }
    List<Change> changes = new ArrayList<>(release(tab));
    leases.put(tab, lease(room, name));
    TreeMap<String, Integer> names = rooms.computeIfAbsent(room, key -> new TreeMap<>());
    if (names.merge(name, 1, Integer::sum) == 1) {
      changes.add(new Change.Join(room, name));
    }
    return new Renewal.Held(changes);
  }

  /** Says that a tab was closed. */
  List<Change> release(String tab) {
    Lease lease = leases.remove(tab);
    if (lease == null) {
      return List.of();
    }
    TreeMap<String, Integer> names = rooms.getOrDefault(lease.room, new TreeMap<>());
    if (names.merge(lease.name, -1, Leases::sumOrNone) != null) {
      return List.of();
    }
    if (names.isEmpty()) {
      rooms.remove(lease.room);
    }
    return List.of(new Change.Leave(lease.room, lease.name));
  }

  /** Takes away the leases that have run out. */
  List<Change> expire() {
    List<Change> changes = new ArrayList<>();
    Map.Entry<String, Lease> eldest = leases.firstEntry();
    while (eldest != null && eldest.getValue().endMillis <= clock.millis()) {
      changes.addAll(release(eldest.getKey()));
      eldest = leases.firstEntry();
    }
    return changes;
  }

  /** The names of those in a room, in order. */
  List<String> in(String room) {
    TreeMap<String, Integer> names = rooms.get(room);
    return names == null ? List.of() : List.copyOf(names.keySet());
  }

  /** How many people are in each room that has any. */
  SortedMap<String, Integer> occupied() {
    TreeMap<String, Integer> counts = new TreeMap<>();
    rooms.forEach((room, names) -> counts.put(room, names.size()));
    return counts;
  }

  private Lease lease(String room, String name) {
    return new Lease(room, name, clock.millis() + limits.lease().toMillis());
  }

  private @Nullable String ruleAgainst(String room, String name, @Nullable Lease before) {
    if (before == null && leases.size() >= limits.tabs()) {
      return "at most " + limits.tabs() + " pages are in the chat at once";
    }
    TreeMap<String, Integer> names = rooms.get(room);
    if (names == null && rooms.size() >= limits.rooms()) {
      return "at most " + limits.rooms() + " rooms have somebody in them";
    }
    if (names != null && !names.containsKey(name) && names.size() >= limits.namesPerRoom()) {
      return "at most " + limits.namesPerRoom() + " people are in a room at once";
    }
    return null;
  }

  private static @Nullable Integer sumOrNone(int tabs, int change) {
    return tabs + change == 0 ? null : tabs + change;
  }
}
