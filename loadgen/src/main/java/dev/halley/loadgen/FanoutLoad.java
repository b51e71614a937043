package dev.halley.loadgen;

import java.io.IOException;
import java.util.function.Consumer;

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
  /** Checks the numbers. */
  public FanoutLoad {
    if (subscribers < 1 || size < Broadcast.SMALLEST || inFlight < 1 || seconds <= 0) {
      throw new IllegalArgumentException(
          "A fan-out needs a subscriber, 16 bytes, a message in flight, and time");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Tally tally = new Tally();
    Broadcast broadcast =
        new Broadcast(tally, subscribers, Payloads.json(size), inFlight, Broadcast::publish);
    broadcast.connect(loop, target);
    String what = "fan-out of %,d B, 1 → %,d, %d in flight".formatted(size, subscribers, inFlight);
    progress.accept(what + ": connecting");
    tally.await(loop, "connecting", () -> tally.open() == subscribers);
    broadcast.begin();
    return tally.measure(loop, what, "delivery", seconds, server, progress);
  }
}
