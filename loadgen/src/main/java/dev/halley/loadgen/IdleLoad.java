package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Connections that do nothing: how fast they open, and what each costs the server's memory.
 *
 * @param target the path of a WebSocket endpoint that sends nothing by itself
 * @param connections how many
 */
public record IdleLoad(String target, int connections) implements Load {
  private static final double SETTLING_SECONDS = 1;

  /** Checks the number. */
  public IdleLoad {
    if (connections < 1) {
      throw new IllegalArgumentException("Idling needs a connection");
    }
  }

  @Override
  public LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress)
      throws IOException {
    Tally tally = new Tally();
    OptionalLong before = server.residentBytes();
    Idler idler = new Idler(tally);
    for (int i = 0; i < connections; i++) {
      loop.connect(target, idler);
    }
    String what = "%,d idle connections".formatted(connections);
    progress.accept(what + ": connecting");
    long start = System.nanoTime();
    tally.await(loop, "connecting", () -> idler.open == connections);
    double seconds = (System.nanoTime() - start) / 1e9;
    tally.run(loop, what, SETTLING_SECONDS, progress, () -> idler.open);
    OptionalLong after = server.residentBytes();
    Map<String, Double> further = new HashMap<>();
    if (before.isPresent() && after.isPresent()) {
      double grown = after.getAsLong() - before.getAsLong();
      further.put("server memory, KiB per connection", grown / 1024 / connections);
    }
    return tally.result(what, seconds, idler.open, "connection", further);
  }

  /** One for all, for none has anything of its own. */
  private static final class Idler implements ConnectionHandler {
    private final Tally tally;
    private int open;

    Idler(Tally tally) {
      this.tally = tally;
    }

    @Override
    public void onOpen(LoadConnection connection) {
      open++;
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
}
