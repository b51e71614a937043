package dev.halley.benchmarks.servers;

import dev.halley.benchmarks.peers.Paths;
import dev.halley.loadgen.ChannelsLoad;
import dev.halley.loadgen.EchoLoad;
import dev.halley.loadgen.FanoutLoad;
import dev.halley.loadgen.Load;
import java.util.List;

/**
 * How the cost of a message grows with one thing.
 *
 * @param name of the file
 * @param title of the chart
 * @param across what grows
 * @param values of it
 * @param isLogarithmic whether the cost's axis is
 * @param lines what is measured at each of them
 */
record Curve(
    String name,
    String title,
    String across,
    List<Integer> values,
    boolean isLogarithmic,
    List<Line> lines) {
  private static final int KIB = 1 << 10;
  private static final int ALL = 10_000;
  private static final List<Integer> NUMBERS = List.of(10, 30, 100, 300, 1000, 3000, ALL);

  /**
   * One way to measure it.
   *
   * @param name for the legend
   */
  record Line(String name, Loads loads) {}

  /** From a value to what has that much of it. */
  interface Loads {
    /**
     * The load.
     *
     * @param channel that nobody else uses
     */
    Load of(int value, String channel, double seconds);
  }

  /** All that are drawn. */
  static List<Curve> all() {
    return List.of(
        new Curve(
            "cost-connections",
            "Echo: server CPU per message, by connections",
            "connections, each with one message of 20 bytes under way",
            NUMBERS,
            false,
            List.of(
                new Line(
                    "echo of 20 B",
                    (value, channel, seconds) -> new EchoLoad(Paths.ECHO, value, 20, 1, seconds)))),
        new Curve(
            "cost-subscribers",
            "Fan-out: server CPU per delivery, by subscribers of one channel",
            "subscribers",
            NUMBERS,
            false,
            List.of(fanout("64 B, 1 in flight", 64, 1), fanout("64 B, 16 in flight", 64, 16))),
        new Curve(
            "cost-channels",
            "Channels: server CPU per delivery, 10,000 subscribers in all",
            "channels among which they are spread; 1,000 deliveries under way",
            List.of(1, 10, 100, 1000, ALL),
            false,
            List.of(
                new Line(
                    "64 B",
                    (value, channel, seconds) ->
                        new ChannelsLoad(
                            channel, value, ALL, 64, Math.max(1, value / 10), seconds)))),
        new Curve(
            "cost-size",
            "Message size: server CPU per message",
            "bytes of a message",
            List.of(16, 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB),
            true,
            List.of(
                new Line(
                    "echo, 16 connections",
                    (value, channel, seconds) -> new EchoLoad(Paths.ECHO, 16, value, 1, seconds)),
                new Line(
                    "fan-out, 1 → 100",
                    (value, channel, seconds) ->
                        new FanoutLoad(Load.live(channel), 100, value, 1, seconds)))));
  }

  private static Line fanout(String name, int size, int inFlight) {
    return new Line(
        name,
        (value, channel, seconds) ->
            new FanoutLoad(Load.live(channel), value, size, inFlight, seconds));
  }

  /** A value of it for people. */
  String label(int value) {
    if (!name.equals("cost-size")) {
      return "%,d".formatted(value);
    }
    return value < KIB ? value + " B" : value / KIB + " KiB";
  }
}
