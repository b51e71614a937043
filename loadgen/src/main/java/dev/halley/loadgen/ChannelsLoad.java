package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
  private static final int SMALLEST = 16;

  /** Checks the numbers. */
  public ChannelsLoad {
    if (channels < 1 || subscribers < channels || inFlight < 1 || size < SMALLEST || seconds <= 0) {
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
    Run run = new Run();
    for (Topic topic : run.topics) {
      for (int i = 0; i < subscribers / channels; i++) {
        String target = "/channels/" + prefix + topic.index + "?since=latest";
        loop.connect(target, new Subscriber(run, topic));
      }
    }
    String what =
        "%,d channels, %,d subscribers in all, %d in flight"
            .formatted(channels, subscribers, inFlight);
    progress.accept(what + ": connecting");
    run.tally.await(loop, "connecting", () -> run.open == subscribers);
    if (!run.tally.isBroken()) {
      for (int i = 0; i < inFlight; i++) {
        run.publish(run.topics.get(i));
      }
    }
    return run.tally.measure(loop, what, "delivery", seconds, server, progress);
  }

  private final class Run {
    private final Tally tally = new Tally();
    private final List<Topic> topics = new ArrayList<>();
    private final ByteBuffer payload = Payloads.json(size);
    private int open;

    Run() {
      for (int i = 0; i < channels; i++) {
        topics.add(new Topic(i));
      }
    }

    void publish(Topic topic) throws IOException {
      if (topic.publisher != null) {
        topic.missing = subscribers / channels;
        payload.clear().putLong(0, topic.published++).putLong(8, System.nanoTime());
        topic.publisher.send(payload);
      }
    }

    void delivered(Topic topic) throws IOException {
      if (--topic.missing == 0) {
        publish(topics.get((topic.index + inFlight) % channels));
      }
    }
  }

  private static final class Topic {
    private final int index;
    private @Nullable LoadConnection publisher;
    private int missing;
    private long published;

    Topic(int index) {
      this.index = index;
    }
  }

  private final class Subscriber implements ConnectionHandler {
    private final Run run;
    private final Topic topic;
    private long next;

    Subscriber(Run run, Topic topic) {
      this.run = run;
      this.topic = topic;
    }

    @Override
    public void onOpen(LoadConnection connection) {
      run.open++;
      topic.publisher = connection;
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer message) throws IOException {
      if (message.remaining() != size || message.getLong(message.position()) != next) {
        run.tally.fault("a message was lost, doubled or out of order");
        return;
      }
      next++;
      run.tally.message(message.getLong(message.position() + 8));
      run.delivered(topic);
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      run.tally.fault(why);
    }
  }
}
