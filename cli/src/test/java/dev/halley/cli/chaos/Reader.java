package dev.halley.cli.chaos;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A subscriber that leaves and comes back with its position, and must get each number of the
 * channel once and in order, or be told of a gap. Used by one thread.
 */
final class Reader {
  /** How it listens. */
  enum Way {
    POLL,
    LONG_POLL,
    EVENTS,
    WEBSOCKET
  }

  private static final Pattern PUBLICATION =
      Pattern.compile("\\{\"channel\":\"[^\"]*\",\"position\":\"([^\"]+)\"[^{}]*\"data\":\"(\\d+)");
  private static final Pattern GAP = Pattern.compile("\"to\":\"([^\"]+)\"");
  private static final Pattern CURSOR =
      Pattern.compile(".*\"position\":\"([^\"]+)\"", Pattern.DOTALL);
  private static final int LONGEST_VISIT_MILLIS = 3_000;
  private static final long PAUSE_MILLIS = 100;

  private final Way way;
  private final InetSocketAddress server;
  private final String channel;
  private final String credentials;
  private final Ledger ledger;
  private final Random random;
  private String position = "earliest";
  private long next;
  private boolean mayJump;
  private volatile long last = Long.MAX_VALUE;

  /**
   * @param credentials a field of each request, with CR LF
   */
  Reader(
      Way way,
      InetSocketAddress server,
      String channel,
      String credentials,
      Ledger ledger,
      Random random) {
    this.way = way;
    this.server = server;
    this.channel = channel;
    this.credentials = credentials;
    this.ledger = ledger;
    this.random = random;
  }

  Way way() {
    return way;
  }

  /** Says which number is the last one; for any thread. */
  void endAfter(long number) {
    last = number;
  }

  private boolean isDone() {
    return next > last;
  }

  /** Listens until it has the last number. */
  void run() throws InterruptedException {
    while (!isDone()) {
      long until =
          System.nanoTime()
              + TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(LONGEST_VISIT_MILLIS));
      try (Wire wire = new Wire(server, LegitimateUser.PATIENCE_MILLIS)) {
        switch (way) {
          case POLL -> poll(wire, until, 0);
          case LONG_POLL -> poll(wire, until, 2);
          case EVENTS -> events(wire, until);
          case WEBSOCKET -> webSocket(wire, until);
        }
      } catch (SocketTimeoutException e) {
        ledger.fault(way + " waited more than " + LegitimateUser.PATIENCE_MILLIS + " ms");
      } catch (IOException e) {
        ledger.cut();
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private boolean isOver(long until) {
    return isDone() || System.nanoTime() - until > 0;
  }

  /** Whether the answer is what was asked for; if not, it has waited a while. */
  private boolean isServed(Wire.Answer answer, int wanted) throws InterruptedException {
    if (answer.status() == wanted) {
      return true;
    }
    if (answer.fields().containsKey("retry-after")) {
      ledger.refused();
    } else {
      ledger.fault(way + " was answered with " + answer.status() + " " + answer.body());
    }
    Thread.sleep(5 * PAUSE_MILLIS);
    return false;
  }

  private void poll(Wire wire, long until, int wait) throws IOException, InterruptedException {
    while (!isOver(until)) {
      long asked = System.nanoTime();
      wire.get("/channels/" + channel + "?since=" + position + "&wait=" + wait, credentials);
      Wire.Answer answer = wire.answer();
      ledger.answered(System.nanoTime() - asked - TimeUnit.SECONDS.toNanos(wait));
      if (isServed(answer, 200)) {
        String body = answer.body();
        if (body.contains("\"gap\":true")) {
          gap();
        }
        Matcher publication = PUBLICATION.matcher(body);
        while (publication.find()) {
          message(Long.parseLong(publication.group(2)));
        }
        Matcher cursor = CURSOR.matcher(body);
        if (cursor.find()) {
          position = cursor.group(1);
        }
      }
      if (wait == 0) {
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private void events(Wire wire, long until) throws IOException, InterruptedException {
    long asked = System.nanoTime();
    wire.get(
        "/channels/" + channel + "?form=halley.v1&since=" + position,
        "Accept: text/event-stream\r\n" + credentials);
    Wire.Answer head = wire.head();
    ledger.answered(System.nanoTime() - asked);
    if (!isServed(head, 200)) {
      return;
    }
    while (!isOver(until)) {
      String line = wire.line();
      if (line.startsWith("data:")) {
        object(line);
      }
    }
  }

  private void webSocket(Wire wire, long until) throws IOException, InterruptedException {
    long asked = System.nanoTime();
    wire.upgrade("/channels", "Sec-WebSocket-Protocol: halley.v1\r\n" + credentials);
    Wire.Answer head = wire.head();
    if (!isServed(head, 101)) {
      return;
    }
    String since = "\"channel\":\"" + channel + "\",\"since\":\"" + position + "\"";
    wire.text("{\"id\":1,\"op\":\"subscribe\"," + since + "}");
    String subscribed = wire.text();
    while (subscribed.isEmpty()) {
      subscribed = wire.text();
    }
    ledger.answered(System.nanoTime() - asked);
    if (subscribed.contains("\"error\":{\"code\":503")) {
      ledger.refused();
      Thread.sleep(5 * PAUSE_MILLIS);
      return;
    }
    object(subscribed);
    while (!isOver(until)) {
      object(wire.text());
    }
  }

  private void object(String object) {
    Matcher publication = PUBLICATION.matcher(object);
    if (publication.find()) {
      message(Long.parseLong(publication.group(2)));
      position = publication.group(1);
    } else if (object.contains("\"gap\":{")) {
      gap();
      Matcher to = GAP.matcher(object);
      if (to.find()) {
        position = to.group(1);
      }
    } else if (object.contains("\"error\"")) {
      ledger.fault(way + " was told " + object);
    }
  }

  private void gap() {
    ledger.gap();
    mayJump = true;
  }

  private void message(long number) {
    if (number < next) {
      ledger.fault(way + " got " + number + " again, after " + (next - 1));
      return;
    }
    if (number > next && !mayJump) {
      ledger.fault(way + " lost " + next + " to " + (number - 1) + " and was told of no gap");
    }
    mayJump = false;
    next = number + 1;
    ledger.deliver(number);
  }
}
