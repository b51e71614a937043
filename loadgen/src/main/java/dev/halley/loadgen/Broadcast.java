package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Subscribers of one path, the first to be there publishing as well. Each must get each message
 * once and in order.
 */
final class Broadcast {
  /** Bytes of the smallest message: it carries its number and when it was sent. */
  static final int SMALLEST = 16;

  private final Tally tally;
  private final int subscribers;
  private final ByteBuffer payload;
  private final int[] missing;
  private final Delivered delivered;
  private @Nullable LoadConnection publisher;
  private long published;

  /** What is done when a message has reached everybody. */
  interface Delivered {
    void by(Broadcast broadcast) throws IOException;
  }

  /**
   * Without any connection.
   *
   * @param payload what a message carries besides; others may use it, too
   * @param inFlight messages under way at most
   */
  Broadcast(Tally tally, int subscribers, ByteBuffer payload, int inFlight, Delivered delivered) {
    this.tally = tally;
    this.subscribers = subscribers;
    this.payload = payload;
    this.missing = new int[inFlight];
    this.delivered = delivered;
  }

  /** Begins to connect all; the tally counts those that are there. */
  void connect(LoadLoop loop, String target) {
    for (int i = 0; i < subscribers; i++) {
      loop.connect(target, new Subscriber());
    }
  }

  /** Publishes as many messages as may be under way. */
  void begin() throws IOException {
    for (int i = 0; i < missing.length; i++) {
      publish();
    }
  }

  void publish() throws IOException {
    if (publisher != null) {
      missing[(int) (published % missing.length)] = subscribers;
      payload.clear().putLong(0, published++).putLong(8, System.nanoTime());
      publisher.send(payload);
    }
  }

  long published() {
    return published;
  }

  private final class Subscriber implements ConnectionHandler {
    private long next;

    @Override
    public void onOpen(LoadConnection connection) {
      tally.opened();
      if (publisher == null) {
        publisher = connection;
      }
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer message) throws IOException {
      if (message.remaining() != payload.capacity()
          || message.getLong(message.position()) != next) {
        tally.fault("a message was lost, doubled or out of order");
        return;
      }
      tally.message(message.getLong(message.position() + 8));
      if (--missing[(int) (next++ % missing.length)] == 0) {
        delivered.by(Broadcast.this);
      }
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      tally.fault(why);
    }
  }
}
