package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reads an event stream (WHATWG HTML, section 9.2.6). */
final class SseFeed implements Feed {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

  private final Endpoint endpoint;
  private final Duration silence;

  /** A feed that takes a connection for broken when nothing came for {@code silence}. */
  SseFeed(Endpoint endpoint, Duration silence) {
    this.endpoint = endpoint;
    this.silence = silence;
  }

  @Override
  public void read(Cursors cursors, EventSink sink) throws IOException, InterruptedException {
    HttpRequest request =
        endpoint
            .request(cursors.channels(), Optional.of(cursors))
            .header("Accept", "text/event-stream")
            .timeout(ANSWER_TIMEOUT)
            .build();
    HttpResponse<InputStream> answer = endpoint.http().send(request, BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != 200) {
        throw Refusal.of(answer.statusCode(), new String(body.readAllBytes(), UTF_8));
      }
      readWatched(body, cursors, sink);
    }
  }

  private void readWatched(InputStream body, Cursors cursors, EventSink sink) throws IOException {
    AtomicBoolean heard = new AtomicBoolean();
    Timer watch = new Timer("halley-silence", true);
    watch.schedule(
        new TimerTask() {
          @Override
          public void run() {
            if (!heard.getAndSet(false)) {
              closeQuietly(body);
            }
          }
        },
        silence.toMillis(),
        silence.toMillis());
    try {
      readEvents(new BufferedReader(new InputStreamReader(body, UTF_8)), heard, cursors, sink);
    } finally {
      watch.cancel();
    }
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // it is to be closed because it is broken
    }
  }

  private static void readEvents(
      BufferedReader reader, AtomicBoolean heard, Cursors cursors, EventSink sink)
      throws IOException {
    EventParser parser = new EventParser(cursors, sink);
    boolean goOn = true;
    while (goOn) {
      if (!reader.ready() && !sink.idle()) {
        return;
      }
      String line = reader.readLine();
      if (line == null) {
        throw new IOException("the stream ended");
      }
      heard.set(true);
      goOn = parser.take(line);
    }
  }

  /** Makes events of lines. */
  private static final class EventParser {
    private final Cursors cursors;
    private final EventSink sink;
    private String id = "";
    private String type = "";
    private final List<String> data = new ArrayList<>();

    EventParser(Cursors cursors, EventSink sink) {
      this.cursors = cursors;
      this.sink = sink;
    }

    boolean take(String line) throws IOException {
      if (line.isEmpty()) {
        boolean goOn = dispatch();
        type = "";
        data.clear();
        return goOn;
      }
      String[] fieldAndValue = line.split(":", 2);
      String value = fieldAndValue.length == 1 ? "" : fieldAndValue[1];
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (fieldAndValue[0]) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data.add(value);
        default -> {} // comments, retry, and what is not known
      }
      return true;
    }

    private boolean dispatch() throws IOException {
      String text = String.join("\n", data);
      if (type.equals("gap")) {
        Map<String, String> gap = WireJson.object(text);
        String from = WireJson.required(gap, "from");
        String to = WireJson.required(gap, "to");
        return sink.accept(new Event.Gap(WireJson.required(gap, "channel"), from, to));
      }
      boolean goOn = true;
      boolean message = !data.isEmpty();
      List<String> channels = cursors.channels();
      List<String> positions = List.of(id.split(",", -1));
      for (int i = 0; goOn && i < Math.min(channels.size(), positions.size()); i++) {
        String channel = channels.get(i);
        String position = positions.get(i);
        if (!position.isEmpty() && !position.equals(cursors.of(channel))) {
          // A message is of the channel whose position moved.
          goOn =
              sink.accept(
                  message
                      ? new Event.Message(channel, position, text)
                      : new Event.Reached(channel, position));
          message = false;
        }
      }
      return goOn;
    }
  }
}
