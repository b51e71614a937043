package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code POST /publish} with many entries, and what its answer says of each. */
class BatchTest {
  private static final String JSON = "Content-Type: application/json\r\n";

  private static String batch(String... channels) {
    return IntStream.range(0, channels.length)
        .mapToObj(i -> "{\"channel\":\"" + channels[i] + "\",\"data\":\"" + i + "\"}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String batch(int entries) {
    String[] channels = new String[entries];
    java.util.Arrays.fill(channels, "a");
    return batch(channels);
  }

  /** Fails on the channels {@code full} and {@code odd}, each in its way. */
  private record FailingBroker(Broker broker) implements DelegatingBroker {
    @Override
    public CompletionStage<StreamPosition> publish(
        String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
      return switch (channel) {
        case "full" ->
            CompletableFuture.failedFuture(new BrokerUnavailableException("There is no room"));
        case "odd" -> throw new IllegalStateException("a defect");
        default -> broker.publish(channel, payload, idempotencyKey);
      };
    }
  }

  /** Notes how many publications were made in the turn of the loop that made the first. */
  private record CountingBroker(Broker broker, AtomicInteger count, AtomicInteger inFirstTurn)
      implements DelegatingBroker {
    @Override
    public CompletionStage<StreamPosition> publish(
        String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
      if (count.incrementAndGet() == 1) {
        EventExecutor loop = Objects.requireNonNull(ThreadExecutorMap.currentExecutor());
        loop.execute(() -> inFirstTurn.set(count.get()));
      }
      return broker.publish(channel, payload, idempotencyKey);
    }
  }

  @Test
  void aBatchOfNothingIsAnsweredByAnEmptyArray() throws Exception {
    try (TestServer server = TestServer.start()) {
      HttpSocket.Answer answer = HttpSocket.post(server, "/publish", JSON, "[]");
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.body()).isEqualTo("[]\n");
    }
  }

  @Test
  void aBatchHasABoundOnItsEntries() throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(HttpSocket.post(server, "/publish", JSON, batch(1_000)).status()).isEqualTo(201);
      HttpSocket.Answer answer = HttpSocket.post(server, "/publish", JSON, batch(1_001));
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body()).contains("A batch has at most 1000 entries");
    }
  }

  @Test
  void manyEntriesArePublishedInSeveralTurns() throws Exception {
    AtomicInteger count = new AtomicInteger();
    AtomicInteger inFirstTurn = new AtomicInteger();
    try (TestServer server =
        TestServer.start(
            TestServer.config().withNetwork(new Network(TestServer.HOST, 0, Io.AUTO, 1)),
            MemoryBroker.Config.defaults(),
            broker -> new CountingBroker(broker, count, inFirstTurn))) {
      HttpSocket.Answer answer = HttpSocket.post(server, "/publish", JSON, batch(1_000));
      assertThat(answer.status()).isEqualTo(201);
      JsonNode entries = Json.parse(answer.body());
      assertThat(entries.size()).isEqualTo(1_000);
      assertThat(entries.get(999).get("position").stringValue()).endsWith(":1000");
      assertThat(inFirstTurn.get()).isBetween(1, 100);
      assertThat(Scrape.of(server).value("halley_arriving_bytes")).isZero();
    }
  }

  @Test
  void theAnswerSaysOfEachEntryWhatBecameOfIt() throws Exception {
    try (TestServer server =
        TestServer.start(TestServer.config(), MemoryBroker.Config.defaults(), FailingBroker::new)) {
      HttpSocket.Answer answer =
          HttpSocket.post(server, "/publish", JSON, batch("a", "full", "b", "odd", "full", "a"));
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.field("retry-after")).isNotEmpty();
      JsonNode body = Json.parse(answer.body());
      assertThat(body.get("error").get("message").stringValue())
          .isEqualTo("Of 6 publications 3 were made: see entries");
      JsonNode entries = body.get("entries");
      assertThat(entries.size()).isEqualTo(6);
      assertThat(entries.get(0).get("position").stringValue()).endsWith(":1");
      assertThat(entries.get(1).get("error").get("message").stringValue())
          .isEqualTo("There is no room");
      assertThat(entries.get(1).has("unknown")).isFalse();
      assertThat(entries.get(2).get("position").stringValue()).endsWith(":1");
      assertThat(entries.get(3).get("unknown").booleanValue()).isTrue();
      assertThat(entries.get(4).get("error").get("message").stringValue())
          .isEqualTo("An earlier one on this channel was not published");
      assertThat(entries.get(5).get("position").stringValue()).endsWith(":2");
    }
  }

  @Test
  void aBatchThatTheLastEntryMakesWrongPublishesNothing() throws Exception {
    try (TestServer server = TestServer.start()) {
      String most = batch(600);
      String wrong = most.substring(0, most.length() - 1) + ",{\"channel\":\"a\"}]";
      HttpSocket.Answer answer = HttpSocket.post(server, "/publish", JSON, wrong);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("entry 600 lacks its channel, data or base64");
      HttpSocket.Answer poll = HttpSocket.get(server, "/channels/a", "");
      assertThat(Json.parse(poll.body()).get("publications").size()).isZero();
    }
  }

  @Test
  void whatIsNotJsonIsSaidInOurOwnWords() throws Exception {
    try (TestServer server = TestServer.start()) {
      HttpSocket.Answer answer = HttpSocket.post(server, "/publish", JSON, "[{\"channel\":}]");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body())
          .contains("The body is no batch: it can't be read from byte 1")
          .doesNotContain("JsonReadFeature", "Source", "code 125");
      String deep = "[".repeat(501) + "]".repeat(501);
      answer = HttpSocket.post(server, "/channels/a", JSON, deep);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body())
          .contains("JSON has at most 500 arrays and objects within each other (limits.json-depth)")
          .doesNotContain("StreamReadConstraints");
      assertThat(answer.body().getBytes(UTF_8).length).isLessThan(300);
    }
  }
}
