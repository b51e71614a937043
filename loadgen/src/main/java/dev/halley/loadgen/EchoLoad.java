package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Connections that send, wait for the echo, and send again.
 *
 * @param target the path of the echo endpoint
 * @param connections how many
 * @param size bytes of a message, at least 8: it carries a number by which its echo is known
 * @param inFlight messages that a connection has under way
 * @param seconds how long to measure, after a quarter of that to warm up
 */
public record EchoLoad(String target, int connections, int size, int inFlight, double seconds)
    implements Load {
  private static final int SMALLEST = 8;

  /** Checks the numbers. */
  public EchoLoad {
    if (connections < 1 || size < SMALLEST || inFlight < 1 || seconds <= 0) {
      throw new IllegalArgumentException(
          "An echo needs a connection, 8 bytes, a message in flight, and time");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Tally tally = new Tally();
    List<Echoer> open = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      loop.connect(target, new Echoer(tally, open));
    }
    String what = "echo of %,d B, %,d connections × %d".formatted(size, connections, inFlight);
    progress.accept(what + ": connecting");
    tally.await(loop, "connecting", () -> open.size() == connections);
    for (Echoer echoer : open) {
      echoer.begin();
    }
    return tally.measure(loop, what, "message", seconds, server, progress);
  }

  private final class Echoer implements ConnectionHandler {
    private final Tally tally;
    private final List<Echoer> open;
    private final long[] sentNanos = new long[inFlight];
    private final ByteBuffer payload = ByteBuffer.allocate(size);
    private LoadConnection connection;
    private long sent;
    private long received;

    @SuppressWarnings("NullAway.Init") // onOpen comes first
    Echoer(Tally tally, List<Echoer> open) {
      this.tally = tally;
      this.open = open;
    }

    void begin() throws IOException {
      for (int i = 0; i < inFlight; i++) {
        send();
      }
    }

    private void send() throws IOException {
      sentNanos[(int) (sent % inFlight)] = System.nanoTime();
      payload.clear().putLong(0, sent++);
      connection.send(payload);
    }

    @Override
    public void onOpen(LoadConnection opened) {
      connection = opened;
      open.add(this);
    }

    @Override
    public void onMessage(LoadConnection from, ByteBuffer echo) throws IOException {
      if (echo.remaining() != size || echo.getLong(echo.position()) != received) {
        tally.fault("an echo isn't what was sent");
        return;
      }
      tally.message(sentNanos[(int) (received++ % inFlight)]);
      send();
    }

    @Override
    public void onLost(LoadConnection lost, String why) {
      tally.fault(why);
    }
  }
}
