package dev.halley.server.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Visitor;
import dev.halley.server.meter.HookMeters;
import dev.halley.server.wire.JsonText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Tells the application who has gone. Best effort: a bounded number of notices waits, and what is
 * beyond, or isn't taken, is dropped and counted. For any thread.
 */
final class Notices {
  private static final int MOST_IN_FLIGHT = 8;
  private static final int LAST_OK = 299;

  private final HookClient client;
  private final HookMeters meters;
  private final int most;
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private int inFlight;

  /**
   * @param most notices that wait
   */
  Notices(HookClient client, HookMeters meters, int most) {
    this.client = client;
    this.meters = meters;
    this.most = most;
  }

  /** Somebody's connection is over. */
  void gone(AskedCaller caller, List<String> channels, Instant now) {
    byte[] body = body(caller, channels, now).getBytes(UTF_8);
    lock.lock();
    try {
      if (inFlight >= MOST_IN_FLIGHT) {
        if (waiting.size() < most) {
          waiting.add(body);
        } else {
          meters.noticesDropped().increment();
        }
        return;
      }
      inFlight++;
    } finally {
      lock.unlock();
    }
    send(body);
  }

  private static String body(AskedCaller caller, List<String> channels, Instant now) {
    Visitor visitor = caller.visitor();
    return "{\"id\":\""
        + UUID.randomUUID()
        + "\",\"event\":\"disconnect\",\"connection\":\""
        + visitor.id()
        + "\","
        + caller.subject().map(it -> "\"user\":" + JsonText.escape(it) + ",").orElse("")
        + "\"address\":"
        + JsonText.escape(visitor.address())
        + ",\"transport\":\""
        + visitor.transport()
        + "\",\"channels\":"
        + channels.stream().map(JsonText::escape).collect(Collectors.joining(",", "[", "]"))
        + ",\"milliseconds\":"
        + Math.max(Duration.between(visitor.since(), now).toMillis(), 0)
        + "}";
  }

  private void send(byte[] body) {
    try {
      client
          .post(
              () -> body,
              response -> response.statusCode() >= 200 && response.statusCode() <= LAST_OK)
          .whenComplete((taken, cause) -> settle(Boolean.TRUE.equals(taken)));
    } catch (Throwable e) {
      giveUp(); // it can't be sent at all, nor can those that wait
    }
  }

  private void giveUp() {
    meters.noticesDropped().increment();
    lock.lock();
    try {
      meters.noticesDropped().add(waiting.size());
      waiting.clear();
      inFlight--;
      empty.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void settle(boolean taken) {
    (taken ? meters.noticesSent() : meters.noticesDropped()).increment();
    byte[] next;
    lock.lock();
    try {
      next = waiting.poll();
      if (next == null) {
        inFlight--;
        empty.signalAll();
        return;
      }
    } finally {
      lock.unlock();
    }
    send(next);
  }

  /** Waits until all are sent, or the time is over. */
  void awaitEmpty(Duration longest) {
    long left = longest.toNanos();
    lock.lock();
    try {
      while (inFlight > 0 && left > 0) {
        left = empty.awaitNanos(left);
      }
      meters.noticesDropped().add(waiting.size());
      waiting.clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
