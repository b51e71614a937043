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
  private static final int SMALLEST = 16;
  private static final Pattern GAP =
      Pattern.compile(".* 4100 gap \\S+ (?<epoch>\\w+):(?<from>\\d+) \\k<epoch>:(?<to>\\d+)");

  /** Checks the numbers. */
  public StallLoad {
    if (others < 1 || size < SMALLEST || inFlight < 1 || seconds <= 0) {
      throw new IllegalArgumentException(
          "A stall needs another subscriber, 16 bytes, a message in flight, and time");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Run run = new Run(loop);
    String what = "1 of %,d stalls, fan-out of %,d B".formatted(others + 1, size);
    progress.accept(what + ": connecting");
    for (int i = 0; i < others; i++) {
      loop.connect(target("latest"), new Reader(run));
    }
    loop.connect(target("latest"), run.staller);
    run.tally.await(loop, "connecting", () -> run.open == others && run.staller.open != null);
    run.begin();
    run.phase(what + ", warming up", seconds / 4, progress);
    double before = run.phase(what + ", all read", seconds / 4, progress);

    run.staller.stall();
    OptionalLong memory = server.residentBytes();
    long messages = run.tally.messages();
    double elapsed = run.time(what + ", one stalls", seconds, progress);
    long count = run.tally.messages() - messages;
    OptionalLong memoryAfter = server.residentBytes();

    long published = run.published;
    run.staller.readAgain();
    run.tally.await(loop, "the stalled one reads again", () -> run.staller.next >= published);
    double after = run.phase(what + ", all read again", seconds / 4, progress);

    Map<String, Double> further = new HashMap<>();
    further.put("÷ the rate when all read", count / elapsed / ((before + after) / 2));
    mebibytes(memory).ifPresent(it -> further.put("server memory before, MiB", it));
    mebibytes(memoryAfter).ifPresent(it -> further.put("server memory at the end, MiB", it));
    further.put("published meanwhile", (double) count / others);
    further.put("told to the stalled one as lost", (double) run.staller.lost);
    return run.tally.result(what, elapsed, count, "delivery", further);
  }

  private static OptionalDouble mebibytes(OptionalLong bytes) {
    return bytes.isPresent()
        ? OptionalDouble.of(bytes.getAsLong() / (double) (1 << 20))
        : OptionalDouble.empty();
  }

  private String target(String since) {
    return "/channels/" + channel + "?since=" + since;
  }

  private final class Run {
    private final LoadLoop loop;
    private final Tally tally = new Tally();
    private final Staller staller = new Staller(this);
    private final int[] missing = new int[inFlight];
    private final ByteBuffer payload = Payloads.json(size);
    private @Nullable LoadConnection publisher;
    private int open;
    private long published;

    Run(LoadLoop loop) {
      this.loop = loop;
    }

    void begin() throws IOException {
      for (int i = 0; i < inFlight; i++) {
        publish();
      }
    }

    private void publish() throws IOException {
      if (publisher != null) {
        missing[(int) (published % inFlight)] = others;
        payload.clear().putLong(0, published++).putLong(8, System.nanoTime());
        publisher.send(payload);
      }
    }

    void delivered(long number) throws IOException {
      if (--missing[(int) (number % inFlight)] == 0) {
        publish();
      }
    }

    double time(String what, double length, Consumer<String> progress) throws IOException {
      return tally.run(loop, what, length, progress, tally::messages);
    }

    /** The rate. */
    double phase(String what, double length, Consumer<String> progress) throws IOException {
      long earlier = tally.messages();
      double elapsed = time(what, length, progress);
      return (tally.messages() - earlier) / elapsed;
    }
  }

  private final class Reader implements ConnectionHandler {
    private final Run run;
    private long next;

    Reader(Run run) {
      this.run = run;
    }

    @Override
    public void onOpen(LoadConnection connection) {
      run.open++;
      run.publisher = connection;
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer message) throws IOException {
      if (message.remaining() != size || message.getLong(message.position()) != next) {
        run.tally.fault("a message was lost, doubled or out of order");
        return;
      }
      run.tally.message(message.getLong(message.position() + 8));
      run.delivered(next++);
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      run.tally.fault(why);
    }
  }

  /** Knows its position by counting, so that it can come back with it. */
  private final class Staller implements ConnectionHandler {
    private final Run run;
    private @Nullable LoadConnection open;
    private String epoch = "";
    private long begin;
    private long next;
    private long lost;

    Staller(Run run) {
      this.run = run;
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
        run.tally.fault("the stalled one got something else than what comes next");
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
          run.tally.fault("a gap that doesn't begin where reading ended: " + why);
          return;
        }
        long to = Long.parseLong(gap.group("to")) - begin;
        lost += to - next;
        next = to;
      }
      run.loop.connect(target(epoch + ":" + (begin + next)), this);
    }
  }
}
