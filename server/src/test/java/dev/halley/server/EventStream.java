package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses an event stream as a browser does (WHATWG HTML section 9.2.6). */
final class EventStream {
  /** One dispatched event. */
  record Event(String type, String data, String id) {}

  private final InputStream in;
  private final Optional<Duration> patience;
  private final List<String> comments = new ArrayList<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean skipLineFeed;
  private boolean ended;
  private String type = "";
  private String lastEventId = "";
  private Optional<Integer> retryMillis = Optional.empty();
  private final StringBuilder data = new StringBuilder();

  EventStream(InputStream in) {
    this(in, Optional.empty());
  }

  private EventStream(InputStream in, Optional<Duration> patience) {
    this.in = in;
    this.patience = patience;
  }

  /** One whose heartbeats are no reason to wait longer for an event. */
  static EventStream impatient(InputStream in) {
    return new EventStream(in, Optional.of(TestServer.PATIENCE));
  }

  /** The next event, or nothing at the stream's end. */
  Optional<Event> next() throws IOException {
    long begin = System.nanoTime();
    while (true) {
      boolean dispatches = readBlock();
      if (ended) {
        return Optional.empty();
      }
      if (dispatches) {
        return Optional.of(take());
      }
      if (patience.isPresent() && System.nanoTime() - begin > patience.get().toNanos()) {
        throw new SocketTimeoutException("No event within " + patience.get());
      }
    }
  }

  /** Reads lines up to and including a blank one; returns whether they are an event. */
  boolean readBlock() throws IOException {
    for (String text = readLine(); !ended && !text.isEmpty(); text = readLine()) {
      field(text);
    }
    return !ended && !data.isEmpty();
  }

  /** The cursor. */
  String lastEventId() {
    return lastEventId;
  }

  Optional<Integer> retryMillis() {
    return retryMillis;
  }

  /** The comments so far. */
  List<String> comments() {
    return comments;
  }

  private Event take() {
    Event event =
        new Event(
            type.isEmpty() ? "message" : type, data.substring(0, data.length() - 1), lastEventId);
    type = "";
    data.setLength(0);
    return event;
  }

  private void field(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    if (value.startsWith(" ")) {
      value = value.substring(1);
    }
    switch (name) {
      case "" -> comments.add(value);
      case "event" -> type = value;
      case "data" -> data.append(value).append('\n');
      case "id" -> lastEventId = value;
      case "retry" -> retryMillis = Optional.of(Integer.valueOf(value));
      default -> throw new AssertionError("An unknown field: " + text);
    }
  }

  /** A line ends with CR LF, LF or CR. */
  private String readLine() throws IOException {
    line.reset();
    while (true) {
      int b = in.read();
      if (b < 0) {
        ended = true;
        return "";
      }
      boolean skip = skipLineFeed && b == '\n';
      skipLineFeed = b == '\r';
      if (skip) {
        continue;
      }
      if (b == '\n' || b == '\r') {
        return line.toString(UTF_8);
      }
      line.write(b);
    }
  }
}
