package dev.halley.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * A client that listens for ever, as a page does: when it is told to leave it comes back with its
 * cursor. It keeps what it got, and everything that a user would notice.
 */
final class RollingListener implements Runnable {
  /** How it listens. */
  enum Way {
    POLL,
    LONG_POLL,
    SSE,
    WEBSOCKET
  }

  private static final int GOING_AWAY = 1001;
  private static final int POLL_MILLIS = 1_000;

  private final TestServer server;
  private final String channel;
  private final Way way;
  private final Runnable progress;
  private final AtomicInteger received = new AtomicInteger();
  private final AtomicInteger returns = new AtomicInteger();
  private final List<String> noticed = new ArrayList<>();
  private volatile boolean began;
  private String cursor = "earliest";

  /**
   * A listener that has not begun.
   *
   * @param progress is told when it has begun, and of each message; on the listener's thread
   */
  RollingListener(TestServer server, String channel, Way way, Runnable progress) {
    this.server = server;
    this.channel = channel;
    this.way = way;
    this.progress = progress;
  }

  /** Whether it has been answered once. */
  boolean began() {
    return began;
  }

  /** How many messages it got. */
  int received() {
    return received.get();
  }

  /** How often it came back after it had been told to leave. */
  int returns() {
    return returns.get();
  }

  /** What a user would have noticed. */
  synchronized List<String> noticed() {
    return List.copyOf(noticed);
  }

  private synchronized void notice(String what) {
    if (noticed.size() < 10) {
      noticed.add(way + ": " + what);
    }
  }

  @Override
  public void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        switch (way) {
          case POLL -> poll("", POLL_MILLIS);
          case LONG_POLL -> poll("&wait=10", 0);
          case SSE -> stream();
          case WEBSOCKET -> socket();
        }
        returns.incrementAndGet();
      } catch (InterruptedException e) {
        return;
      } catch (IOException | UncheckedIOException e) {
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        notice(e.toString());
      }
    }
  }

  private void take(String text, String position) {
    int next = received.get();
    if (!text.equals("m" + next)) {
      notice("got " + text + " after " + (next - 1));
    }
    received.set(next + 1);
    cursor = position;
    progress.run();
  }

  private String target() {
    return "/channels/" + channel + "?since=" + cursor;
  }

  private void begun() {
    if (!began) {
      began = true;
      progress.run();
    }
  }

  private static void pause(int least, int most) throws InterruptedException {
    // What a client's own rules have it wait before it asks again: there is no event to wait for.
    Thread.sleep(ThreadLocalRandom.current().nextInt(least, most));
  }

  /** Polls on one connection until that is to be closed. */
  private void poll(String wait, int pauseMillis) throws IOException, InterruptedException {
    try (HttpSocket http = HttpSocket.connect(server)) {
      boolean last = false;
      while (!last) {
        http.send(HttpSocket.request(server, "GET", target() + wait, "", ""));
        HttpSocket.Answer answer = http.answer();
        last = answer.field("connection").filter("close"::equalsIgnoreCase).isPresent();
        if (answer.status() == 200) {
          JsonNode body = Json.parse(answer.body());
          if (body.get("gap").booleanValue()) {
            notice("a gap");
          }
          for (JsonNode publication : body.get("publications")) {
            take(publication.get("data").stringValue(), publication.get("position").stringValue());
          }
          begun();
        } else {
          notice(answer.status() + " " + answer.body());
        }
        if (pauseMillis > 0) {
          pause(pauseMillis / 2, 2 * pauseMillis);
        }
      }
    }
  }

  private void stream() throws IOException, InterruptedException {
    Optional<Integer> retry;
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.waitForEver();
      String accept = "Accept: text/event-stream\r\n";
      http.send(HttpSocket.request(server, "GET", target(), accept, ""));
      HttpSocket.Head head = http.head();
      if (head.status() != 200) {
        notice("status " + head.status());
        return;
      }
      begun();
      EventStream events = new EventStream(http.body(head));
      for (Optional<EventStream.Event> event = events.next();
          event.isPresent();
          event = events.next()) {
        if (event.get().type().equals("message")) {
          take(event.get().data(), event.get().id());
        } else {
          notice(event.get().toString());
        }
      }
      retry = events.retryMillis();
    }
    if (retry.isEmpty()) {
      throw new EOFException("The stream ended without a word");
    }
    pause(retry.get() / 2, retry.get());
  }

  private void socket() throws IOException, InterruptedException {
    try (WebSocketClient socket =
        WebSocketClient.open(server, target(), HalleyV1Listener.SUBPROTOCOL, "")) {
      socket.waitForEver();
      begun();
      while (true) {
        switch (socket.receive()) {
          case WebSocketClient.Message.Text text -> {
            JsonNode message = Json.parse(text.text());
            if (message.has("data")) {
              take(message.get("data").stringValue(), message.get("position").stringValue());
            } else if (!message.has("subscribed")) {
              notice(text.text());
            }
          }
          case WebSocketClient.Message.Binary binary -> notice("binary");
          case WebSocketClient.Message.Closed closed -> {
            if (closed.code() != GOING_AWAY) {
              notice(closed.toString());
            }
            pause(100, 1_000);
            return;
          }
        }
      }
    }
  }
}
