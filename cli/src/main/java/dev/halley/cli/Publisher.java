package dev.halley.cli;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Publishes messages one after the other, each once, whatever happens to the connection. */
final class Publisher {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  private final Endpoint endpoint;
  private final Optional<String> apiKey;
  private final Duration patience;
  private final Retries retries;

  /**
   * What a publisher needs to try again.
   *
   * @param clock tells when patience is over
   * @param backoff how long to wait
   * @param pause waits
   */
  record Retries(InstantSource clock, Backoff backoff, Pause pause) {}

  /** A publisher that tries for {@code patience} to get a message published. */
  Publisher(Endpoint endpoint, Optional<String> apiKey, Duration patience, Retries retries) {
    this.endpoint = endpoint;
    this.apiKey = apiKey;
    this.patience = patience;
    this.retries = retries;
  }

  /**
   * Publishes one message.
   *
   * @param idempotencyKey one that no other message has: a retry with it isn't a second message
   * @return its position
   * @throws CommandException if the server refuses, or can't be reached in time
   */
  String publish(String channel, String contentType, byte[] message, String idempotencyKey)
      throws InterruptedException {
    HttpRequest request = request(channel, contentType, message, idempotencyKey);
    Instant end = retries.clock().instant().plus(patience);
    while (true) {
      try {
        String position = send(request);
        retries.backoff().reset();
        return position;
      } catch (IOException e) {
        Duration wait = retries.backoff().next();
        if (retries.clock().instant().plus(wait).isAfter(end)) {
          throw CommandException.failure(
              "not published to " + endpoint.base() + ": " + Refusal.reason(e));
        }
        retries.pause().sleep(wait);
      }
    }
  }

  private HttpRequest request(
      String channel, String contentType, byte[] message, String idempotencyKey) {
    HttpRequest.Builder request =
        endpoint
            .request(List.of(channel), Optional.empty())
            .POST(BodyPublishers.ofByteArray(message))
            .header("Content-Type", contentType)
            .header("Idempotency-Key", idempotencyKey)
            .timeout(ANSWER_TIMEOUT);
    try {
      apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
    } catch (IllegalArgumentException e) {
      // whose own message has the key
      throw CommandException.usage("the API key has characters that a header can't carry");
    }
    return request.build();
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = endpoint.http().send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw Refusal.of(answer.statusCode(), answer.body());
    }
    return WireJson.required(WireJson.object(answer.body()), "position");
  }
}
