package dev.halley.cli;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Polls, or polls and lets the server wait. */
final class PollFeed implements Feed {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

  private final Endpoint endpoint;
  private final Duration wait;
  private final Duration interval;
  private final Pause pause;

  /**
   * A feed of polls.
   *
   * @param wait how long the server may hold a request; 0 for polls that are answered at once
   * @param interval how long to pause after an answer that brought nothing
   */
  PollFeed(Endpoint endpoint, Duration wait, Duration interval, Pause pause) {
    this.endpoint = endpoint;
    this.wait = wait;
    this.interval = interval;
    this.pause = pause;
  }

  @Override
  public void read(Cursors cursors, EventSink sink) throws IOException, InterruptedException {
    while (true) {
      // A held request with "latest" that breaks would forget where it began.
      boolean hold = wait.isPositive() && cursors.arePositions();
      String before = cursors.toString();
      if (!take(WireJson.object(poll(cursors, hold)), cursors, sink)) {
        return;
      }
      if (before.equals(cursors.toString())) {
        if (!sink.idle()) {
          return;
        }
        if (!hold) {
          pause.sleep(interval);
        }
      }
    }
  }

  private String poll(Cursors cursors, boolean hold) throws IOException, InterruptedException {
    HttpRequest.Builder request = endpoint.request(cursors.channels(), Optional.of(cursors));
    request.timeout(ANSWER_TIMEOUT);
    if (hold) {
      request.header("Prefer", "wait=" + wait.toSeconds()).timeout(ANSWER_TIMEOUT.plus(wait));
    }
    HttpResponse<String> answer = endpoint.http().send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw Refusal.of(answer.statusCode(), answer.body());
    }
    return answer.body();
  }

  private static boolean take(Map<String, String> answer, Cursors cursors, EventSink sink)
      throws IOException {
    for (String text : WireJson.array(answer.getOrDefault("gaps", "[]"))) {
      Map<String, String> gap = WireJson.object(text);
      String channel = WireJson.required(gap, "channel");
      String to = WireJson.required(gap, "to");
      if (!sink.accept(new Event.Gap(channel, WireJson.required(gap, "from"), to))) {
        return false;
      }
    }
    for (String text : WireJson.array(WireJson.required(answer, "publications"))) {
      Map<String, String> publication = WireJson.object(text);
      String channel = WireJson.required(publication, "channel");
      String position = WireJson.required(publication, "position");
      if (!sink.accept(new Event.Message(channel, position, WireJson.payload(publication)))) {
        return false;
      }
    }
    List<String> positions = List.of(WireJson.required(answer, "position").split(",", -1));
    for (int i = 0; i < Math.min(positions.size(), cursors.channels().size()); i++) {
      if (!sink.accept(new Event.Reached(cursors.channels().get(i), positions.get(i)))) {
        return false;
      }
    }
    return true;
  }
}
