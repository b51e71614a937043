package dev.halley.benchmarks.servers;

import dev.halley.benchmarks.peers.Paths;
import dev.halley.loadgen.EchoLoad;
import dev.halley.loadgen.FanoutLoad;
import dev.halley.loadgen.IdleLoad;
import dev.halley.loadgen.Load;
import dev.halley.loadgen.LoadResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Some rows of the table. */
sealed interface Measure {
  /** A name for the command line. */
  String name();

  /** What each row is called. */
  List<String> figures();

  /** Whether this server does it at all. */
  default boolean isFor(Contestant contestant) {
    return true;
  }

  /** All of them, in the order of the table. */
  static List<Measure> all() {
    List<Measure> all = new ArrayList<>();
    for (int connections : List.of(64, 1000)) {
      for (int size : List.of(20, 1024)) {
        all.add(new Echo(size, connections, 1));
      }
    }
    all.add(new Echo(20, 64, 32));
    for (int inFlight : List.of(1, 16)) {
      for (int size : List.of(64, 1024)) {
        all.add(new Fanout(size, 1000, inFlight));
      }
    }
    all.add(new Idle(5000));
    all.add(new Start());
    return all;
  }

  private static String bytes(int size) {
    return size < 1024 ? size + " B" : (size >> 10) + " KiB";
  }

  /** A rate, and what the server's processor does for a message; of a server that is warm. */
  sealed interface UnderLoad extends Measure {
    /** Any connections, and for how long. */
    Load load(Contestant contestant, String channel, double seconds);

    /** What it does for so long before anything is measured. */
    Load warmUp(Contestant contestant, String channel, double seconds);

    /** What is counted. */
    String unit();

    /** What it all came to. */
    default Sample sample(LoadResult result) {
      double cpu = result.further().getOrDefault("server CPU, µs per " + unit(), Double.NaN);
      return Sample.of(result, List.of(result.rate() / 1e3, cpu));
    }
  }

  /** Messages that come back. */
  record Echo(int size, int connections, int inFlight) implements UnderLoad {
    private static final int WARM_UP_CONNECTIONS = 64;

    @Override
    public String name() {
      return "echo-%d-%d-%d".formatted(size, connections, inFlight);
    }

    @Override
    public List<String> figures() {
      String title = "echo, %s, %,d connections".formatted(bytes(size), connections);
      String more = inFlight == 1 ? "" : ", %d in flight on each".formatted(inFlight);
      return List.of(title + more + ": k messages/s", "… server CPU, µs per message");
    }

    @Override
    public boolean isFor(Contestant contestant) {
      return contestant.echo().isPresent();
    }

    @Override
    public Load load(Contestant contestant, String channel, double seconds) {
      return new EchoLoad(
          contestant.echo().orElse(Paths.ECHO), connections, size, inFlight, seconds);
    }

    @Override
    public Load warmUp(Contestant contestant, String channel, double seconds) {
      return new Echo(size, WARM_UP_CONNECTIONS, inFlight).load(contestant, channel, seconds);
    }

    @Override
    public String unit() {
      return "message";
    }
  }

  /** One message to all. */
  record Fanout(int size, int subscribers, int inFlight) implements UnderLoad {
    private static final int WARM_UP_SUBSCRIBERS = 200;

    @Override
    public String name() {
      return "fanout-%d-%d-%d".formatted(size, subscribers, inFlight);
    }

    @Override
    public List<String> figures() {
      String title =
          "fan-out, %s, 1 → %,d, %d in flight".formatted(bytes(size), subscribers, inFlight);
      return List.of(title + ": k deliveries/s", "… server CPU, µs per delivery");
    }

    @Override
    public Load load(Contestant contestant, String channel, double seconds) {
      String target = contestant.channel().apply(channel);
      return new FanoutLoad(target, subscribers, size, inFlight, seconds);
    }

    @Override
    public Load warmUp(Contestant contestant, String channel, double seconds) {
      return new Fanout(size, WARM_UP_SUBSCRIBERS, inFlight).load(contestant, channel, seconds);
    }

    @Override
    public String unit() {
      return "delivery";
    }
  }

  /** Connections that do nothing, of a server that has just started. */
  record Idle(int connections) implements Measure {
    private static final int WARM_UPS = 6;

    @Override
    public String name() {
      return "idle";
    }

    @Override
    public List<String> figures() {
      return List.of("memory of an idle connection (of %,d): KiB".formatted(connections));
    }

    /**
     * Shakes hands until a small nursery is full once: else its first use would be weighed, not the
     * connections.
     */
    List<Load> warmUps(Contestant contestant) {
      Load some = new IdleLoad(contestant.channel().apply("warm-up"), connections / 10);
      return Collections.nCopies(WARM_UPS, some);
    }

    Load load(Contestant contestant) {
      return new IdleLoad(contestant.channel().apply("idle"), connections);
    }

    Sample sample(LoadResult result) {
      double memory =
          result.further().getOrDefault("server memory, KiB per connection", Double.NaN);
      return Sample.of(result, List.of(memory));
    }
  }

  /** From the start of the process. */
  record Start() implements Measure {
    @Override
    public String name() {
      return "start";
    }

    @Override
    public List<String> figures() {
      return List.of("start: ms until it accepts", "… until the first WebSocket is open");
    }
  }
}
