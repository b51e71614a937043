package dev.halley.cli.chaos;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A publisher, a reader on each transport and a monitor, who know the API key where there is one.
 * Each must be served whatever else happens.
 */
final class LegitimateUser {
  /** The longest that any answer may take. */
  static final int PATIENCE_MILLIS = 20_000;

  private static final long BETWEEN_PUBLICATIONS_MILLIS = 40;
  private static final long BETWEEN_PROBES_MILLIS = 250;
  private static final String FILL = " " + "x".repeat(200);

  private final InetSocketAddress server;
  private final String channel;
  private final String credentials;
  private final boolean keepsConnection;
  private final Random random;
  private final Ledger ledger = new Ledger();
  private final List<Reader> readers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Thread publisher;
  private final Thread monitor;
  private volatile boolean isLeaving;
  private volatile boolean hasLeft;

  private LegitimateUser(
      ChaosServer server, String channel, boolean keepsConnection, Random random) {
    this.server = server.address();
    this.channel = channel;
    this.credentials = server.credentials();
    this.keepsConnection = keepsConnection;
    this.random = random;
    for (Reader.Way way : Reader.Way.values()) {
      Reader reader =
          new Reader(way, this.server, channel, credentials, ledger, new Random(random.nextLong()));
      readers.add(reader);
      threads.add(start(reader::run));
    }
    publisher = start(this::publish);
    monitor = start(this::watch);
  }

  /**
   * Comes with a channel of its own.
   *
   * @param keepsConnection whether the monitor asks on one connection, as it must where strangers
   *     take all descriptors, instead of a new one each time
   */
  static LegitimateUser arrive(
      ChaosServer server, String channel, boolean keepsConnection, Random random) {
    return new LegitimateUser(server, channel, keepsConnection, random);
  }

  /** How many publications were confirmed until now. */
  long confirmed() {
    return ledger.confirmed();
  }

  private interface Task {
    void run() throws InterruptedException;
  }

  private Thread start(Task task) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                task.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                ledger.fault("the user's own " + e);
              }
            });
  }

  private void publish() throws InterruptedException {
    long number = 0;
    while (!hasLeft) {
      try (Wire wire = new Wire(server, PATIENCE_MILLIS)) {
        while (true) {
          boolean isLast = isLeaving;
          if (isLast) {
            long last = number;
            readers.forEach(reader -> reader.endAfter(last));
          }
          if (!isPublished(wire, number)) {
            long last = number - 1;
            readers.forEach(reader -> reader.endAfter(last));
            return;
          }
          if (isLast) {
            return;
          }
          number++;
          Thread.sleep(random.nextLong(2 * BETWEEN_PUBLICATIONS_MILLIS));
        }
      } catch (SocketTimeoutException e) {
        ledger.fault("a publication had no answer within " + PATIENCE_MILLIS + " ms");
      } catch (IOException e) {
        ledger.cut();
        Thread.sleep(BETWEEN_PUBLICATIONS_MILLIS);
      }
    }
  }

  /** Tries until the number is confirmed; a retry has the same key, so it is published once. */
  private boolean isPublished(Wire wire, long number) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      long asked = System.nanoTime();
      wire.post(
          "/channels/" + channel,
          "Content-Type: text/plain\r\nIdempotency-Key: n" + number + "\r\n" + credentials,
          number + FILL);
      Wire.Answer answer = wire.answer();
      ledger.answered(System.nanoTime() - asked);
      if (answer.status() == 201) {
        ledger.confirm(number);
        return true;
      }
      if (!answer.fields().containsKey("retry-after")) {
        ledger.fault("a publication was answered with " + answer.status() + " " + answer.body());
      }
      ledger.refused();
      if (System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
        ledger.fault(
            "a publication was refused for more than "
                + PATIENCE_MILLIS
                + " ms: "
                + answer.body().strip());
        return false;
      }
      Thread.sleep(500);
    }
  }

  private void watch() throws InterruptedException {
    while (!hasLeft) {
      try (Wire wire = new Wire(server, PATIENCE_MILLIS)) {
        do {
          long asked = System.nanoTime();
          wire.get("/health/live", "");
          Wire.Answer answer = wire.answer();
          ledger.answered(System.nanoTime() - asked);
          if (answer.status() != 200) {
            ledger.fault("/health/live said " + answer.status() + " " + answer.body().strip());
          }
          Thread.sleep(BETWEEN_PROBES_MILLIS);
        } while (keepsConnection && !hasLeft);
      } catch (SocketTimeoutException e) {
        ledger.fault("/health/live had no answer within " + PATIENCE_MILLIS + " ms");
      } catch (IOException e) {
        ledger.cut();
        Thread.sleep(BETWEEN_PROBES_MILLIS);
      }
    }
  }

  /** Publishes a last one, waits until each reader has it, and goes. */
  Outcome leave() throws InterruptedException {
    isLeaving = true;
    publisher.join(2L * PATIENCE_MILLIS);
    hasLeft = true;
    if (ledger.confirmed() == 0) {
      ledger.fault("nothing could be published");
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    for (int i = 0; i < readers.size(); i++) {
      long rest = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      threads.get(i).join(Math.max(1, rest));
      if (threads.get(i).isAlive()) {
        ledger.fault(
            readers.get(i).way() + " hadn't all publications " + PATIENCE_MILLIS + " ms later");
        threads.get(i).interrupt();
      }
    }
    monitor.join(PATIENCE_MILLIS);
    return ledger.outcome();
  }
}
