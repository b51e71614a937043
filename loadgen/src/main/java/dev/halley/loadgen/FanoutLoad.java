package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One publisher and many subscribers, all WebSockets of one path, on which what one of them sends
 * goes to all of them. The next message is sent when one of those under way has reached everybody.
 *
 * @param target the path; nobody else may use it meanwhile
 * @param subscribers how many, the publisher being one of them
 * @param size bytes of a message, at least 16: it carries its number and when it was sent
 * @param inFlight publications under way
 * @param seconds how long to measure, after a quarter of that to warm up
 */
public record FanoutLoad(String target, int subscribers, int size, int inFlight, double seconds)
    implements Load {
  private static final int SMALLEST = 16;

  /** Checks the numbers. */
  public FanoutLoad {
    if (subscribers < 1 || size < SMALLEST || inFlight < 1 || seconds <= 0) {
      throw new IllegalArgumentException(
          "A fan-out needs a subscriber, 16 bytes, a message in flight, and time");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Run run = new Run();
    for (int i = 0; i < subscribers; i++) {
      loop.connect(target, new Subscriber(run));
    }
    String what = "fan-out of %,d B, 1 → %,d, %d in flight".formatted(size, subscribers, inFlight);
    progress.accept(what + ": connecting");
    run.tally.await(loop, "connecting", () -> run.open == subscribers);
    if (run.publisher != null) {
      for (int i = 0; i < inFlight; i++) {
        run.publish(run.publisher);
      }
    }
    return run.tally.measure(loop, what, "delivery", seconds, server, progress);
  }

  private final class Run {
    private final Tally tally = new Tally();
    private final int[] missing = new int[inFlight];
    private final ByteBuffer payload = Payloads.json(size);
    private @Nullable LoadConnection publisher;
    private int open;
    private long published;

    void publish(LoadConnection from) throws IOException {
      missing[(int) (published % inFlight)] = subscribers;
      payload.clear().putLong(0, published++).putLong(8, System.nanoTime());
      from.send(payload);
    }

    void delivered(long number) throws IOException {
      if (--missing[(int) (number % inFlight)] == 0 && publisher != null) {
        publish(publisher);
      }
    }
  }

  private final class Subscriber implements ConnectionHandler {
    private final Run run;
    private long next;

    Subscriber(Run run) {
      this.run = run;
    }

    @Override
    public void onOpen(LoadConnection connection) {
      run.open++;
      if (run.publisher == null) {
        run.publisher = connection;
      }
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
}
