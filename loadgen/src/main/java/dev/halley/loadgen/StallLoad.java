package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One publisher, who never waits longer than until one of some messages under way has reached the
 * others, and one subscriber who reads nothing for a while. What do the others lose by that, does
 * the server's memory grow, and what does the one get when it reads again: everything that is kept,
 * in order, and for the rest a gap that says how much it was.
 *
 * @param channel a name that nobody else uses
 * @param others subscribers that always read, the publisher being one of them
 * @param size bytes of a message, at least 16
 * @param inFlight publications under way
 * @param seconds how long it reads nothing; before and after, a quarter of that each is measured
 */
public record StallLoad(String channel, int others, int size, int inFlight, double seconds)
    implements Load {
  private static final Pattern GAP =
      Pattern.compile(".* 4100 gap \\S+ (?<epoch>\\w+):(?<from>\\d+) \\k<epoch>:(?<to>\\d+)");

  /** Checks the numbers. */
  public StallLoad {
    if (others < 1 || size < Broadcast.SMALLEST || inFlight < 1 || seconds <= 0) {
      throw new IllegalArgumentException(
          "A stall needs another subscriber, 16 bytes, a message in flight, and time");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Tally tally = new Tally();
    Broadcast broadcast =
        new Broadcast(tally, others, Payloads.json(size), inFlight, Broadcast::publish);
    Staller staller = new Staller(loop, tally);
    String what = "1 of %,d stalls, fan-out of %,d B".formatted(others + 1, size);
    progress.accept(what + ": connecting");
    broadcast.connect(loop, Load.live(channel));
    loop.connect(Load.live(channel), staller);
    tally.await(loop, "connecting", () -> tally.open() == others && staller.open != null);
    broadcast.begin();
    Phases phases = new Phases(loop, tally, progress);
    phases.rate(what + ", warming up", seconds / 4);
    double before = phases.rate(what + ", all read", seconds / 4);

    staller.stall();
    OptionalLong memory = server.residentBytes();
    long messages = tally.messages();
    double elapsed = phases.time(what + ", one stalls", seconds);
    long count = tally.messages() - messages;
    OptionalLong memoryAfter = server.residentBytes();

    long published = broadcast.published();
    staller.readAgain();
    tally.await(loop, "the stalled one reads again", () -> staller.next >= published);
    double after = phases.rate(what + ", all read again", seconds / 4);

    Map<String, Double> further = new HashMap<>();
    further.put("÷ the rate when all read", count / elapsed / ((before + after) / 2));
    mebibytes(memory).ifPresent(it -> further.put("server memory before, MiB", it));
    mebibytes(memoryAfter).ifPresent(it -> further.put("server memory at the end, MiB", it));
    further.put("published meanwhile", (double) count / others);
    further.put("told to the stalled one as lost", (double) staller.lost);
    return tally.result(what, elapsed, count, "delivery", further);
  }

  private static OptionalDouble mebibytes(OptionalLong bytes) {
    return bytes.isPresent()
        ? OptionalDouble.of(bytes.getAsLong() / (double) (1 << 20))
        : OptionalDouble.empty();
  }

  private record Phases(LoadLoop loop, Tally tally, Consumer<String> progress) {
    double time(String what, double length) throws IOException {
      return tally.run(loop, what, length, progress, tally::messages);
    }

    double rate(String what, double length) throws IOException {
      long earlier = tally.messages();
      double elapsed = time(what, length);
      return (tally.messages() - earlier) / elapsed;
    }
  }

  /** Knows its position by counting, so that it can come back with it. */
  private final class Staller implements ConnectionHandler {
    private final LoadLoop loop;
    private final Tally tally;
    private @Nullable LoadConnection open;
    private String epoch = "";
    private long begin;
    private long next;
    private long lost;

    Staller(LoadLoop loop, Tally tally) {
      this.loop = loop;
      this.tally = tally;
    }

    void stall() {
      if (open != null) {
        open.read(false);
      }
    }

    void readAgain() {
      if (open != null) {
        open.read(true);
      }
    }

    @Override
    public void onOpen(LoadConnection connection) {
      if (epoch.isEmpty()) {
        String[] position = connection.position().split(":", 2);
        epoch = position[0];
        begin = Long.parseLong(position[1]);
      }
      open = connection;
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer message) {
      if (message.remaining() != size || message.getLong(message.position()) != next) {
        tally.fault("the stalled one got something else than what comes next");
        return;
      }
      next++;
    }

    /** A gap is told by closing; a server may also close whoever is silent for too long. */
    @Override
    public void onLost(LoadConnection connection, String why) {
      Matcher gap = GAP.matcher(why);
      if (gap.matches() && gap.group("epoch").equals(epoch)) {
        if (Long.parseLong(gap.group("from")) != begin + next + 1) {
          tally.fault("a gap that doesn't begin where reading ended: " + why);
          return;
        }
        long to = Long.parseLong(gap.group("to")) - begin;
        lost += to - next;
        next = to;
      }
      loop.connect("/channels/" + channel + "?since=" + epoch + ":" + (begin + next), this);
    }
  }
}
