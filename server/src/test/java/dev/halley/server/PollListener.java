package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** Polls, or polls long, with the JDK's HTTP client. */
final class PollListener implements Listener {
  private static final HttpClient HTTP_1 = client(HttpClient.Version.HTTP_1_1);
  private static final HttpClient HTTP_2 = client(HttpClient.Version.HTTP_2);
  private static final long PAUSE_NANOS = 1_000_000;

  /** What an answer told, and the cursors after it. */
  private record Item(Received received, List<String> cursors) {}

  private final TestServer server;
  private final List<String> channels;
  private final Optional<Integer> waitSeconds;

  /** What follows the cursor in the query. */
  private final String more;

  private final ArrayDeque<Item> ready = new ArrayDeque<>();
  private List<String> cursors;
  private List<String> fetched;

  PollListener(
      TestServer server, List<String> channels, String since, Optional<Integer> waitSeconds)
      throws Exception {
    this.server = server;
    this.channels = channels;
    this.waitSeconds = waitSeconds;
    String start = since.split("&", 2)[0];
    this.more = since.substring(start.length());
    this.cursors = List.of(start.split(",", -1));
    this.fetched = cursors;
    // The first one is never a long one: when it is answered, the place where reading begins is
    // known.
    fetch(start, Optional.empty());
    if (ready.isEmpty()) {
      cursors = fetched;
    }
  }

  private static HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder().version(version).sslContext(Trusting.CONTEXT).build();
  }

  @Override
  public Received next() throws Exception {
    long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
    while (ready.isEmpty()) {
      assertThat(System.nanoTime() - deadline).as("nothing came in time").isNegative();
      fetch(String.join(",", fetched), waitSeconds);
      if (ready.isEmpty() && waitSeconds.isEmpty()) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    Item item = ready.remove();
    cursors = item.cursors();
    return item.received();
  }

  @Override
  public String cursor() {
    return String.join(",", cursors);
  }

  @Override
  public void close() {}

  private void fetch(String since, Optional<Integer> wait) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                server.uri(
                    "/channels/" + String.join(",", channels) + "?limit=100&since=" + since + more))
            .timeout(TestServer.PATIENCE);
    wait.ifPresent(seconds -> request.header("Prefer", "wait=" + seconds));
    HttpClient.Version version =
        server.isSecure() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
    HttpResponse<String> response =
        (server.isSecure() ? HTTP_2 : HTTP_1).send(request.build(), BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(version);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode answer = Json.parse(response.body());
    queue(answer);
    String position = answer.get("position").stringValue();
    assertThat(response.headers().firstValue("Halley-Position")).contains(position);
    assertThat(response.headers().firstValue("ETag")).contains('"' + position + '"');
    fetched = List.of(position.split(",", -1));
    assertThat(fetched).hasSameSizeAs(channels);
  }

  private void queue(JsonNode answer) {
    List<String> after = new ArrayList<>(fetched);
    if (after.size() < channels.size()) {
      // "earliest" and "latest" stand for all.
      after = new ArrayList<>(Collections.nCopies(channels.size(), fetched.getFirst()));
    }
    assertThat(answer.has("gaps")).isEqualTo(answer.get("gap").booleanValue());
    for (JsonNode gap : answer.path("gaps")) {
      Received.Gap told = Json.gap(gap.get("channel").stringValue(), gap);
      after.set(channels.indexOf(told.channel()), told.to());
      ready.add(new Item(told, List.copyOf(after)));
    }
    for (JsonNode publication : answer.get("publications")) {
      after.set(
          channels.indexOf(publication.get("channel").stringValue()),
          publication.get("position").stringValue());
      ready.add(new Item(Json.publication(publication), List.copyOf(after)));
    }
  }
}
