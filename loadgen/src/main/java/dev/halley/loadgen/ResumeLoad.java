package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Subscribers that lose their connections, all at once, while messages are published, and come back
 * with their positions: how long until each has read all that it missed.
 *
 * @param channel a name that nobody else uses
 * @param subscribers how many
 * @param messages how many are published meanwhile
 * @param size bytes of a message, at least 8
 */
public record ResumeLoad(String channel, int subscribers, int messages, int size) implements Load {
  private static final int SMALLEST = 8;

  /** Checks the numbers. */
  public ResumeLoad {
    if (subscribers < 1 || messages < 1 || size < SMALLEST) {
      throw new IllegalArgumentException("Resuming needs a subscriber, a message, and 8 bytes");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    String what = "%,d subscribers resume, each over %,d messages".formatted(subscribers, messages);
    Tally tally = new Tally();
    progress.accept(what + ": connecting");
    List<LoadConnection> first = connect(loop, tally);
    List<String> positions = new ArrayList<>();
    for (LoadConnection connection : first) {
      positions.add(connection.position());
      connection.drop();
    }
    progress.accept(what + ": publishing");
    publish(loop, tally);
    progress.accept(what + ": resuming");
    long start = System.nanoTime();
    long[] total = {0};
    for (String position : positions) {
      String target = "/channels/" + channel + "?since=" + position;
      loop.connect(target, new Resumer(tally, start, total));
    }
    long all = (long) subscribers * messages;
    tally.await(loop, "resuming", () -> total[0] == all);
    double seconds = (System.nanoTime() - start) / 1e9;
    return tally.result(what, seconds, total[0], "message", Map.of());
  }

  private List<LoadConnection> connect(LoadLoop loop, Tally tally) throws IOException {
    List<LoadConnection> open = new ArrayList<>();
    for (int i = 0; i < subscribers; i++) {
      loop.connect(Load.live(channel), new Opener(tally, open));
    }
    tally.await(loop, "connecting", () -> open.size() == subscribers);
    return open;
  }

  private void publish(LoadLoop loop, Tally tally) throws IOException {
    Publisher publisher = new Publisher(tally);
    loop.connect(Load.live(channel), publisher);
    tally.await(loop, "publishing", () -> publisher.confirmed == messages);
  }

  private record Opener(Tally tally, List<LoadConnection> open) implements ConnectionHandler {
    @Override
    public void onOpen(LoadConnection connection) {
      open.add(connection);
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer payload) {
      tally.fault("a message came though nothing was published");
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      tally.fault(why);
    }
  }

  /** Publishes one after the other, and hears each itself. */
  private final class Publisher implements ConnectionHandler {
    private final Tally tally;
    private final ByteBuffer payload = ByteBuffer.allocate(size);
    private int confirmed;

    Publisher(Tally tally) {
      this.tally = tally;
    }

    @Override
    public void onOpen(LoadConnection connection) throws IOException {
      connection.send(payload.clear().putLong(0, 0));
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer message) throws IOException {
      if (++confirmed < messages) {
        connection.send(payload.clear().putLong(0, confirmed));
      }
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      tally.fault(why);
    }
  }

  private final class Resumer implements ConnectionHandler {
    private final Tally tally;
    private final long startNanos;
    private final long[] total;
    private long next;

    Resumer(Tally tally, long startNanos, long[] total) {
      this.tally = tally;
      this.startNanos = startNanos;
      this.total = total;
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer message) {
      if (message.remaining() != size || message.getLong(message.position()) != next) {
        tally.fault("a message was lost, doubled or out of order");
        return;
      }
      next++;
      total[0]++;
      if (next == messages) {
        tally.message(startNanos);
      }
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      tally.fault(why);
    }
  }
}
