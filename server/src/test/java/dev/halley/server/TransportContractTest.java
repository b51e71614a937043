package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The same messages, in the same order, with the same positions and gaps, on all transports. */
@ParameterizedClass
@EnumSource(Listening.class)
class TransportContractTest {
  private static final String LATEST = "latest";
  private static final String EARLIEST = "earliest";

  @Parameter Listening listening;

  @Test
  void messagesComeInOrderAndOnceEach() throws Exception {
    int count = 5_000;
    try (TestServer server = TestServer.keeping(count, listening.config());
        Listener listener = listening.open(server, "chat", LATEST)) {
      CompletableFuture<Void> publisher =
          CompletableFuture.runAsync(
              () -> IntStream.rangeClosed(1, count).forEach(i -> server.publish("chat", "m" + i)),
              TestServer.THREADS);
      for (int i = 1; i <= count; i++) {
        assertThat(listener.next()).isEqualTo(new Received.Text("m" + i));
      }
      publisher.join();
      StreamPosition last = server.publish("chat", "the last one");
      assertThat(listener.next()).isEqualTo(new Received.Text("the last one"));
      assertThat(listener.cursor()).isEqualTo(last.toString());
    }
  }

  @Test
  void readingGoesOnAfterThePositionThatIsGiven() throws Exception {
    try (TestServer server = TestServer.start(listening.config())) {
      List<StreamPosition> positions = publishNumbered(server, "chat", 10);
      try (Listener listener = listening.open(server, "chat", positions.get(3).toString())) {
        for (int i = 5; i <= 10; i++) {
          assertThat(listener.next()).isEqualTo(new Received.Text("m" + i));
          assertThat(listener.cursor()).isEqualTo(positions.get(i - 1).toString());
        }
      }
    }
  }

  @Test
  void earliestBeginsWithTheOldestThatIsKept() throws Exception {
    try (TestServer server = TestServer.keeping(5, listening.config())) {
      publishNumbered(server, "chat", 8);
      try (Listener listener = listening.open(server, "chat", EARLIEST)) {
        for (int i = 4; i <= 8; i++) {
          assertThat(listener.next()).isEqualTo(new Received.Text("m" + i));
        }
      }
    }
  }

  @Test
  void latestBeginsWithTheNextOne() throws Exception {
    try (TestServer server = TestServer.start(listening.config())) {
      List<StreamPosition> positions = publishNumbered(server, "chat", 3);
      try (Listener listener = listening.open(server, "chat", LATEST)) {
        assertThat(listener.cursor()).isEqualTo(positions.getLast().toString());
        StreamPosition next = server.publish("chat", "new");
        assertThat(listener.next()).isEqualTo(new Received.Text("new"));
        assertThat(listener.cursor()).isEqualTo(next.toString());
      }
    }
  }

  @Test
  void whatWasTrimmedIsAGap() throws Exception {
    try (TestServer server = TestServer.keeping(5, listening.config())) {
      List<StreamPosition> positions = publishNumbered(server, "chat", 10);
      try (Listener listener = listening.open(server, "chat", positions.get(1).toString())) {
        assertThat(listener.next())
            .isEqualTo(
                new Received.Gap("chat", positions.get(2).toString(), positions.get(4).toString()));
        assertThat(listener.cursor()).isEqualTo(positions.get(4).toString());
        for (int i = 6; i <= 10; i++) {
          assertThat(listener.next()).isEqualTo(new Received.Text("m" + i));
          assertThat(listener.cursor()).isEqualTo(positions.get(i - 1).toString());
        }
      }
    }
  }

  @Test
  void anotherLifeOfTheLogIsAGap() throws Exception {
    try (TestServer server = TestServer.start(listening.config())) {
      StreamPosition before = publishNumbered(server, "chat", 3).getLast();
      server.restart();
      List<StreamPosition> after = publishNumbered(server, "chat", 2);
      assertThat(after.getFirst().sameEpoch(before)).isFalse();
      try (Listener listener = listening.open(server, "chat", before.toString())) {
        StreamPosition start = new StreamPosition(after.getFirst().epoch(), 0);
        assertThat(listener.next())
            .isEqualTo(new Received.Gap("chat", before.next().toString(), start.toString()));
        assertThat(listener.next()).isEqualTo(new Received.Text("m1"));
        assertThat(listener.next()).isEqualTo(new Received.Text("m2"));
        assertThat(listener.cursor()).isEqualTo(after.getLast().toString());
      }
    }
  }

  @Test
  void aPositionBeyondTheHeadIsAGap() throws Exception {
    try (TestServer server = TestServer.start(listening.config())) {
      StreamPosition head = publishNumbered(server, "chat", 2).getLast();
      StreamPosition beyond = new StreamPosition(head.epoch(), 99);
      try (Listener listener = listening.open(server, "chat", beyond.toString())) {
        assertThat(listener.next()).isInstanceOf(Received.Gap.class);
      }
    }
  }

  @Test
  void eachOfTwoChannelsComesInItsOrder() throws Exception {
    try (TestServer server = TestServer.start(listening.config());
        Listener listener = listening.open(server, List.of("a", "b"), LATEST)) {
      publishInTurns(server, 1, 200);
      assertThat(readInTurns(listener, 200)).isEqualTo(numbered(1, 200));
      if (listening.tellsCursorOfManyChannels()) {
        publishInTurns(server, 201, 300);
        try (Listener next = listening.open(server, List.of("a", "b"), listener.cursor())) {
          assertThat(readInTurns(next, 100)).isEqualTo(numbered(201, 300));
        }
      }
    }
  }

  @Test
  void textIsUnicode() throws Exception {
    List<String> texts =
        List.of(
            "Grüße, 世界 \uD83D\uDE80 e\u0301",
            "\u2028\u2029\u0085\uFEFF",
            "quote \" backslash \\ slash / tab \t <script>",
            "nul \u0000 and \u0001 and \u007F",
            " leading and trailing ",
            "data: x",
            ":",
            "\uDBFF\uDFFF");
    try (TestServer server = TestServer.start(listening.config());
        Listener listener = listening.open(server, "chat", LATEST)) {
      texts.forEach(text -> server.publish("chat", text));
      for (String text : texts) {
        assertThat(listener.next()).isEqualTo(new Received.Text(text));
      }
    }
  }

  @Test
  void lineEndsStayLineEnds() throws Exception {
    String text = "a\rb\r\nc\nd\n\ne\r\r\n";
    try (TestServer server = TestServer.start(listening.config());
        Listener listener = listening.open(server, "chat", LATEST)) {
      server.publish("chat", text);
      server.publish("chat", "\n");
      // An event stream has lines, and no way to tell how each of them ended.
      boolean lines = listening.hasLines();
      assertThat(listener.next())
          .isEqualTo(new Received.Text(lines ? "a\nb\nc\nd\n\ne\n\n" : text));
      assertThat(listener.next()).isEqualTo(new Received.Text("\n"));
    }
  }

  @Test
  void jsonIsAJsonValue() throws Exception {
    String json = "{\"n\":1,\"list\":[true,null,\"\\u00e4\"]}";
    try (TestServer server = TestServer.start(listening.config());
        Listener listener = listening.open(server, "chat", LATEST)) {
      server.publish("chat", Payload.json(json));
      Received.Text text = (Received.Text) listener.next();
      assertThat(Json.parse(text.text())).isEqualTo(Json.parse(json));
    }
  }

  @Test
  void binaryComesAsItIs() throws Exception {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    try (TestServer server = TestServer.start(listening.config());
        Listener listener = listening.open(server, "chat", LATEST)) {
      for (int length : new int[] {0, 1, 2, 3, 125, 126, 256}) {
        byte[] part = Arrays.copyOf(all, length);
        server.publish("chat", Payload.binary(part));
        assertThat(listener.next()).isEqualTo(Received.binary(part));
      }
    }
  }

  @Test
  void payloadsAreEmptyOrAsLargeAsTheyMayBe() throws Exception {
    int largest = TestServer.config().limits().payload();
    byte[] binary = new byte[largest];
    Arrays.fill(binary, (byte) 0xff);
    try (TestServer server = TestServer.start(listening.config());
        Listener listener = listening.open(server, "chat", LATEST)) {
      server.publish("chat", "");
      server.publish("chat", "x".repeat(largest));
      server.publish("chat", Payload.binary(binary));
      server.publish("chat", "after it");
      assertThat(listener.next()).isEqualTo(new Received.Text(""));
      assertThat(listener.next()).isEqualTo(new Received.Text("x".repeat(largest)));
      assertThat(listener.next()).isEqualTo(Received.binary(binary));
      assertThat(listener.next()).isEqualTo(new Received.Text("after it"));
    }
  }

  @Test
  void aSlowReaderHoldsUpNobodyAndMissesNothingInSilence() throws Exception {
    int count = 3_000;
    // Nothing that a repetition or an alphabet would let shrink: sockets' buffers must fill up.
    byte[] noise = new byte[10_000];
    new Random(0).nextBytes(noise);
    String filling = Base64.getEncoder().encodeToString(noise);
    try (TestServer server = TestServer.keeping(50, listening.config());
        Listener slow = listening.open(server, "chat", LATEST);
        Listener fast = Listening.HALLEY_V1.open(server, "chat", LATEST)) {
      StreamPosition last = server.publish("chat", "0 " + filling);
      for (int i = 1; i <= count; i++) {
        // The fast one reads each before the next is published, whatever the slow one does.
        assertThat(fast.next()).isEqualTo(new Received.Text(i - 1 + " " + filling));
        last = server.publish("chat", i + " " + filling);
      }
      assertThat(fast.next()).isEqualTo(new Received.Text(count + " " + filling));
      assertThat(gapsUntil(slow, last)).as("the history was small enough for a gap").isPositive();
    }
  }

  /** Reads up to a position, and checks that each offset is there or told to be lost. */
  private static int gapsUntil(Listener listener, StreamPosition last) throws Exception {
    int gaps = 0;
    for (long offset = 0; offset < last.offset(); ) {
      switch (listener.next()) {
        case Received.Text text -> {
          assertThat(text.text()).startsWith(offset + " ");
          offset++;
        }
        case Received.Gap gap -> {
          assertThat(StreamPosition.parse(gap.from()).offset()).isEqualTo(offset + 1);
          offset = StreamPosition.parse(gap.to()).offset();
          gaps++;
        }
        case Received.Binary binary -> throw new AssertionError(binary);
      }
      assertThat(listener.cursor()).isEqualTo(new StreamPosition(last.epoch(), offset).toString());
    }
    return gaps;
  }

  private static List<StreamPosition> publishNumbered(
      TestServer server, String channel, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> server.publish(channel, "m" + i)).toList();
  }

  private static void publishInTurns(TestServer server, int from, int to) {
    for (int i = from; i <= to; i++) {
      server.publish("a", "a" + i);
      server.publish("b", "b" + i);
    }
  }

  /** Two lists, what came of a and what came of b. */
  private static List<List<String>> readInTurns(Listener listener, int each) throws Exception {
    List<String> a = new ArrayList<>();
    List<String> b = new ArrayList<>();
    for (int i = 0; i < 2 * each; i++) {
      String text = ((Received.Text) listener.next()).text();
      (text.startsWith("a") ? a : b).add(text);
    }
    return List.of(a, b);
  }

  private static List<List<String>> numbered(int from, int to) {
    return List.of(
        IntStream.rangeClosed(from, to).mapToObj(i -> "a" + i).toList(),
        IntStream.rangeClosed(from, to).mapToObj(i -> "b" + i).toList());
  }
}
