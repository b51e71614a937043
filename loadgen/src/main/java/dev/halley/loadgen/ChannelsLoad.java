package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Subscribers spread evenly over channels, each channel with a publisher among them. A channel has
 * one message under way at most; when it has reached everybody, the next goes to another channel,
 * so that all channels take turns and the same number of them is at work all the time.
 *
 * @param prefix names that nobody else uses begin with it
 * @param channels how many
 * @param subscribers how many in all, a multiple of the channels
 * @param size bytes of a message, at least 16: it carries its number and when it was sent
 * @param inFlight publications under way, a divisor of the channels
 * @param seconds how long to measure, after a quarter of that to warm up
 */
public record ChannelsLoad(
    String prefix, int channels, int subscribers, int size, int inFlight, double seconds)
    implements Load {
  /** Checks the numbers. */
  public ChannelsLoad {
    if (channels < 1
        || subscribers < channels
        || inFlight < 1
        || size < Broadcast.SMALLEST
        || seconds <= 0) {
      throw new IllegalArgumentException(
          "Channels need a subscriber each, 16 bytes, a message in flight, and time");
    }
    if (subscribers % channels != 0 || channels % inFlight != 0) {
      throw new IllegalArgumentException("Channels divide the subscribers, what is in flight them");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Tally tally = new Tally();
    ByteBuffer payload = Payloads.json(size);
    List<Broadcast> all = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      int following = (i + inFlight) % channels;
      Broadcast broadcast =
          new Broadcast(
              tally, subscribers / channels, payload, 1, it -> all.get(following).publish());
      broadcast.connect(loop, Load.live(prefix + i));
      all.add(broadcast);
    }
    String what =
        "%,d channels, %,d subscribers in all, %d in flight"
            .formatted(channels, subscribers, inFlight);
    progress.accept(what + ": connecting");
    tally.await(loop, "connecting", () -> tally.open() == subscribers);
    for (Broadcast broadcast : all.subList(0, inFlight)) {
      broadcast.begin();
    }
    return tally.measure(loop, what, "delivery", seconds, server, progress);
  }
}
