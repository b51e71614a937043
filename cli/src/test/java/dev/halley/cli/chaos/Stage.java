package dev.halley.cli.chaos;

import java.util.List;
import java.util.function.Supplier;

/**
 * A server with little of something, and what goes wrong there.
 *
 * @param name what it is short of
 */
record Stage(String name, ChaosServer.Means means, Supplier<List<Fault>> faults) {
  private static final int MANY = 4096;

  /** All stages; the silent server is the application's and the one of keys. */
  static List<Stage> all(SilentServer silent) {
    List<String> hooks = List.of("--hooks-url", silent.url(), "--jwks", silent.url());
    List<String> forget =
        List.of(ChaosServer.FORGET, "5s", "--channels-idle", "5s", "--idempotency-window", "5s");
    return List.of(
        new Stage(
            "256 MiB of heap, nobody needs a key",
            new ChaosServer.Means("-Xmx256m", MANY, false, true, List.of()),
            Fault::arriving),
        new Stage(
            "128 MiB of heap, nobody needs a key",
            new ChaosServer.Means("-Xmx128m", MANY, false, true, forget),
            Fault::kept),
        new Stage(
            "256 MiB of heap, 48 MiB of direct memory, publishing needs the key",
            new ChaosServer.Means(
                "-Xmx256m -XX:MaxDirectMemorySize=48m", MANY, true, true, List.of()),
            Fault::arriving),
        new Stage(
            "256 descriptors",
            new ChaosServer.Means("-Xmx256m", 256, true, true, List.of()),
            Fault::connections),
        new Stage(
            "a process that stands still",
            new ChaosServer.Means("-Xmx256m", MANY, true, true, List.of()),
            Fault::time),
        new Stage(
            "an application and a server of keys that hang",
            new ChaosServer.Means("-Xmx256m", MANY, true, true, hooks),
            Fault::silence),
        new Stage(
            "256 descriptors, standard error that nobody reads",
            new ChaosServer.Means("-Xmx256m", 256, true, false, hooks),
            Fault::log));
  }
}
