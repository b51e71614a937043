package dev.halley.benchmarks.servers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.benchmarks.Machine;
import dev.halley.benchmarks.Numbers;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/**
 * Steady listeners and ones that come and go, for a long time: what the server's process holds must
 * not grow, and nobody may miss a message.
 */
public final class SoakMain {
  private static final String CHANNEL = "soak";
  private static final int WEB_SOCKETS = 500;
  private static final int EVENT_STREAMS = 200;
  private static final int COMING_AND_GOING = 90;
  private static final int PER_SECOND = 20;
  private static final String FILL = "x".repeat(180);
  private static final int MOST_VISIT_MILLIS = 3_000;
  private static final int MOST_ABSENCE_MILLIS = 1_000;
  private static final long SAMPLE_MILLIS = 10_000;
  private static final int SAMPLES_PER_MINUTE = 6;
  private static final double WARM_UP_MINUTES = 5;
  private static final long PATIENCE_AT_END_SECONDS = 60;
  private static final double MOST_GROWTH = 1.05;
  private static final double FEWEST_MINUTES = 10;
  private static final int MOST_FAULTS = 10;

  private final RunningServer server;
  private final double minutes;
  private final Path out;
  private final AtomicLong deliveries = new AtomicLong();
  private final AtomicLong visits = new AtomicLong();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final List<SoakSample> samples = new ArrayList<>();
  private final CountDownLatch left =
      new CountDownLatch(WEB_SOCKETS + EVENT_STREAMS + COMING_AND_GOING);
  private volatile boolean isLast;

  private SoakMain(RunningServer server, double minutes, Path out) {
    this.server = server;
    this.minutes = minutes;
    this.out = out;
  }

  /**
   * Takes the root of the sources, a directory for what servers need and say, one for the figures,
   * one for the charts, how many minutes, and what pins the server to its processor: a command and
   * its arguments, or nothing.
   */
  public static void main(String[] args) {
    try {
      System.exit(run(args) ? 0 : 1);
    } catch (IOException e) {
      System.err.println("benchmarks: " + e.getMessage());
      System.exit(2);
    } catch (InterruptedException e) {
      System.exit(2);
    }
  }

  private static boolean run(String[] args) throws IOException, InterruptedException {
    Path work = Files.createDirectories(Path.of(args[1]));
    Path out = Files.createDirectories(Path.of(args[2]));
    Path charts = Files.createDirectories(Path.of(args[3]));
    List<String> pinning = List.of(args).subList(5, args.length);
    Contestant halley = forgetful(new Lineup(Path.of(args[0]), work, List.of()).launcher());
    try (RunningServer server = RunningServer.launch(halley, pinning, work.resolve("halley.log"))) {
      server.awaitStart();
      SoakMain main = new SoakMain(server, Double.parseDouble(args[4]), out);
      System.out.println(Machine.describe());
      main.soak();
      main.draw(charts);
      return main.isFlat();
    }
  }

  /** Forgets channels within the time of warming up, so that a channel that stays is seen. */
  private static Contestant forgetful(Contestant halley) {
    Contestant.Command command =
        port -> {
          List<String> all = new ArrayList<>(halley.command().on(port));
          all.addAll(List.of("--history-age", "1m", "--channels-idle", "1m"));
          return all;
        };
    return new Contestant(halley.name(), command, Optional.empty(), halley.channel());
  }

  private double warmUp() {
    return Math.min(WARM_UP_MINUTES, minutes / 6);
  }

  private void soak() throws IOException, InterruptedException {
    for (int i = 0; i < WEB_SOCKETS + EVENT_STREAMS + COMING_AND_GOING; i++) {
      int index = i;
      Thread.ofVirtual().start(() -> guard(() -> listen(index)));
    }
    Thread.ofPlatform().daemon().start(() -> guard(this::publish));
    observe();
    isLast = true;
    if (!left.await(PATIENCE_AT_END_SECONDS, TimeUnit.SECONDS)) {
      faults.add(left.getCount() + " listeners didn't get the last message");
    }
  }

  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  private void guard(Task task) {
    try {
      task.run();
    } catch (IOException e) {
      faults.add(String.valueOf(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen(int index) throws IOException, InterruptedException {
    SoakVisitor visitor = new SoakVisitor(server.address(), CHANNEL, deliveries);
    if (index < WEB_SOCKETS + EVENT_STREAMS) {
      SoakVisitor.Way way =
          index < WEB_SOCKETS ? SoakVisitor.Way.WEBSOCKET : SoakVisitor.Way.EVENTS;
      visitor.visit(way, Long.MAX_VALUE / 2 + System.nanoTime(), false);
    } else {
      comeAndGo(visitor, index);
    }
    left.countDown();
  }

  private void comeAndGo(SoakVisitor visitor, int index) throws IOException, InterruptedException {
    SoakVisitor.Way[] ways = SoakVisitor.Way.values();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (int i = index; !visitor.isDone(); i++) {
      long millis = random.nextLong(MOST_VISIT_MILLIS);
      long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      visitor.visit(ways[i % ways.length], until, random.nextBoolean());
      String own = CHANNEL + "-" + visits.incrementAndGet();
      new SoakVisitor(server.address(), own, deliveries).publishAndPoll();
      Thread.sleep(random.nextLong(MOST_ABSENCE_MILLIS));
    }
  }

  private void publish() throws IOException, InterruptedException {
    try (Socket socket = new SoakVisitor(server.address(), CHANNEL, deliveries).connect()) {
      DataInputStream in = SoakVisitor.input(socket);
      OutputStream to = socket.getOutputStream();
      long start = System.nanoTime();
      for (long number = 0; ; number++) {
        boolean last = isLast;
        String text = number + " " + FILL + (last ? SoakVisitor.END : "");
        SoakVisitor.publish(in, to, CHANNEL, text, "number-" + number);
        if (last) {
          return;
        }
        long next = start + (number + 1) * TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
        Thread.sleep(Math.max(0, TimeUnit.NANOSECONDS.toMillis(next - System.nanoTime())));
      }
    }
  }

  private void observe() throws IOException, InterruptedException {
    Path csv = out.resolve("soak.csv");
    Files.writeString(csv, SoakSample.HEAD);
    long start = System.nanoTime();
    boolean isWarm = false;
    SoakVisitor monitor = new SoakVisitor(server.address(), CHANNEL, deliveries);
    for (int i = 0; ; i++) {
      double now = (System.nanoTime() - start) / 60e9;
      monitor.scrape();
      boolean minute = i % SAMPLES_PER_MINUTE == 0;
      SoakSample sample = SoakSample.of(server, now, minute, deliveries.get(), visits.get());
      samples.add(sample);
      Files.writeString(csv, sample.csv(), StandardOpenOption.APPEND);
      if (minute) {
        System.err.printf(
            "benchmarks: minute %.0f of %.0f: resident %.1f MiB, live heap %.1f MiB, %.0f descriptors, "
                + "%.0f threads, %,d deliveries, %,d visits, %d faults%n",
            now,
            minutes,
            sample.residentMiB(),
            sample.liveMiB(),
            sample.descriptors(),
            sample.threads(),
            sample.deliveries(),
            sample.visits(),
            faults.size());
      }
      boolean isOver = i * SAMPLE_MILLIS >= minutes * 60_000;
      if ((!isWarm && now >= warmUp()) || isOver) {
        String name = isOver ? "soak-classes-last.txt" : "soak-classes-first.txt";
        Files.writeString(out.resolve(name), SoakSample.jcmd(server, "GC.class_histogram"), UTF_8);
        isWarm = true;
      }
      if (isOver) {
        return;
      }
      long next = start + (i + 1) * TimeUnit.MILLISECONDS.toNanos(SAMPLE_MILLIS);
      Thread.sleep(Math.max(0, TimeUnit.NANOSECONDS.toMillis(next - System.nanoTime())));
    }
  }

  private void draw(Path charts) throws IOException {
    List<Chart.Tick> ticks = new ArrayList<>();
    for (int i = 0; i <= 6; i++) {
      ticks.add(new Chart.Tick(minutes * i / 6, Numbers.text(minutes * i / 6)));
    }
    Chart memory =
        new Chart(
            "Soak: memory of the server",
            "minutes",
            ticks,
            "MiB",
            false,
            List.of(
                line("resident", SoakSample::residentMiB),
                line("live heap after a collection", SoakSample::liveMiB)));
    Chart handles =
        new Chart(
            "Soak: descriptors and threads of the server",
            "minutes",
            ticks,
            "count",
            true,
            List.of(
                line("descriptors", SoakSample::descriptors),
                line("threads", SoakSample::threads)));
    Files.writeString(charts.resolve("soak-memory.svg"), memory.svg(), UTF_8);
    Files.writeString(charts.resolve("soak-handles.svg"), handles.svg(), UTF_8);
  }

  private Chart.Line line(String name, ToDoubleFunction<SoakSample> value) {
    List<Chart.Point> points =
        samples.stream()
            .filter(it -> !Double.isNaN(value.applyAsDouble(it)))
            .map(it -> new Chart.Point(Math.min(it.minutes(), minutes), value.applyAsDouble(it)))
            .toList();
    return new Chart.Line(name, points);
  }

  /** Says what grew from the first third after warming up to the last one, and what was lost. */
  private boolean isFlat() {
    SoakSample last = samples.getLast();
    System.out.printf(
        "%n%,d deliveries, %,d visits; minutes: %.0f; the server used %.0f %% of a processor%n%n",
        last.deliveries(),
        last.visits(),
        last.minutes(),
        100 * last.cpuSeconds() / (60 * last.minutes()));
    faults.stream().limit(MOST_FAULTS).forEach(it -> System.out.println("FAULT: " + it));
    if (minutes < FEWEST_MINUTES) {
      System.out.println("too short to say what grows");
      return faults.isEmpty();
    }
    System.out.println("| | first third | last third | |\n| --- | ---: | ---: | --- |");
    List<Boolean> flat =
        List.of(
            compare("resident memory, MiB", SoakSample::residentMiB, MOST_GROWTH),
            compare("live heap, MiB", SoakSample::liveMiB, MOST_GROWTH),
            compare("descriptors", SoakSample::descriptors, MOST_GROWTH),
            compare("threads", SoakSample::threads, 1));
    return !flat.contains(false) && faults.isEmpty();
  }

  private boolean compare(String name, ToDoubleFunction<SoakSample> value, double most) {
    double third = (minutes - warmUp()) / 3;
    double first = median(value, warmUp(), warmUp() + third);
    double last = median(value, minutes - third, Double.MAX_VALUE);
    // False for a NaN, too.
    boolean flat = last <= first * most;
    String verdict = flat ? "flat" : "**grew**";
    System.out.printf("| %s | %.1f | %.1f | %s |%n", name, first, last, verdict);
    return flat;
  }

  private double median(ToDoubleFunction<SoakSample> value, double from, double to) {
    List<Double> values =
        samples.stream()
            .filter(it -> it.minutes() >= from && it.minutes() <= to)
            .map(value::applyAsDouble)
            .filter(Double::isFinite)
            .toList();
    return values.isEmpty() ? Double.NaN : Numbers.median(values);
  }
}
