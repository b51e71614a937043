package dev.halley.cli.chaos;

import java.io.IOException;
import java.util.List;

/**
 * What goes wrong around the legitimate user.
 *
 * @param name of the fault, in a few words
 * @param mayRefuse why the user may be told to try again, or nothing
 */
record Fault(String name, String mayRefuse, Act act) {
  /** Lets it go wrong; what the crowd does goes on when this has returned. */
  interface Act {
    void begin(ChaosServer server, Crowd crowd) throws IOException, InterruptedException;
  }

  private static final String MEMORY =
      "under pressure the newest is refused: docs/operations.md, limits";
  private static final String NEVER = "";

  private static Fault of(String name, String mayRefuse, java.util.function.Consumer<Crowd> act) {
    return new Fault(name, mayRefuse, (server, crowd) -> act.accept(crowd));
  }

  /** Strangers that want the memory, by what they send. */
  static List<Fault> arriving() {
    return List.of(
        of("unfinished commands of 8 MiB", MEMORY, Strangers::unfinishedCommands),
        of("unfinished bodies of 8 MiB", MEMORY, Strangers::unfinishedBodies),
        of("bodies of chunks of one byte", MEMORY, Strangers::oneByteChunks),
        of("batches of 280,000 entries", MEMORY, Strangers::hugeBatches),
        of("JSON that is too deep, too long", MEMORY, Strangers::oddJson),
        of("commands that inflate a thousandfold", MEMORY, Strangers::bombs));
  }

  /** Strangers that want the memory, by what is kept for them. */
  static List<Fault> kept() {
    return List.of(
        of("reads of unknown channels", NEVER, Strangers::unknownChannels),
        of("batches on many channels", MEMORY, Strangers::manyChannels),
        of("400 parked polls", MEMORY, Strangers::parkedPolls),
        new Fault(
            "readers of large publications who read nothing",
            MEMORY,
            (server, crowd) -> Strangers.slowReaders(crowd, server.credentials())));
  }

  /** Strangers that want the connections. */
  static List<Fault> connections() {
    return List.of(
        of("700 connections that stay", "limits.connections", Strangers::flood),
        of("connections that come and go", NEVER, Strangers::churn),
        of("connections that are half closed", NEVER, Strangers::halfOpen));
  }

  /** Strangers on HTTP/2, and a process that stands still. */
  static List<Fault> time() {
    return List.of(
        of("4,000 streams of HTTP/2", NEVER, Http2Strangers::streams),
        of("streams of HTTP/2 that are reset at once", NEVER, Http2Strangers::resets),
        new Fault(
            "the process stands still for 5 s",
            NEVER,
            (server, crowd) -> {
              server.freeze();
              try {
                Thread.sleep(5_000);
              } finally {
                server.thaw();
              }
            }));
  }

  /** Others that don't answer. */
  static List<Fault> silence() {
    return List.of(
        of("the application doesn't answer", NEVER, crowd -> Strangers.askForMuch(crowd, "")),
        of("the server of keys doesn't answer", NEVER, Strangers::unknownTokens));
  }

  /** Nobody reads what is logged, while there is much to log. */
  static List<Fault> log() {
    return List.of(
        new Fault(
            "nobody reads what is logged of 700 connections and of those that don't answer",
            "limits.connections",
            (server, crowd) -> {
              server.fillErrors();
              Strangers.unknownTokens(crowd);
              Strangers.flood(crowd);
            }));
  }
}
