package dev.halley.websocket.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The protocol core reads what Netty and Jetty read: the same messages from random streams, right
 * and wrong, and the same verdict. Where they differ, {@link Difference} says who is right.
 */
class DifferentialTest {
  private static final int STREAMS = 40_000;
  private static final String END = "END";

  /** All that can be broken without compression, and without a message of many large frames. */
  private static final int RULES = 15;

  @Test
  void nettyReadsTheSameButForWhatIsKnown() {
    compare(NettyReader::new, Difference.NETTY);
  }

  @Test
  void jettyReadsTheSameButForWhatIsKnown() {
    compare(JettyReader::new, Difference.JETTY);
  }

  private static void compare(Reader.Factory other, List<Difference> known) {
    Random random = new Random(1);
    Set<String> rules = new HashSet<>();
    Set<Difference> met = new HashSet<>();
    Map<String, String> unknown = new TreeMap<>();
    for (int i = 0; i < STREAMS; i++) {
      boolean server = random.nextBoolean();
      byte[] stream = Streams.next(random, server);
      HalleyReader ours = new HalleyReader(server);
      Reader theirs = other.open(server);
      feed(stream, random, ours, theirs);
      rules.add(ours.rule());
      int at = firstDifference(ours.events(), theirs.events());
      String oursSaid = said(ours, at);
      String theirsSaid = said(theirs, at);
      if (!oursSaid.equals(END) || !theirsSaid.equals(END)) {
        known.stream()
            .filter(it -> it.covers(oursSaid, theirsSaid))
            .findFirst()
            .ifPresentOrElse(
                met::add,
                () ->
                    unknown.putIfAbsent(
                        oursSaid + ", but the other: " + theirsSaid,
                        (server ? "server " : "client ") + HexFormat.of().formatHex(stream)));
      }
    }
    assertThat(unknown).as("what differs, and the first stream that shows it").isEmpty();
    assertThat(met).as("differences that occur").containsExactlyInAnyOrderElementsOf(known);
    rules.remove("");
    assertThat(rules).as("rules that were broken").hasSize(RULES);
  }

  /** Hands both the same bytes, in pieces of any size. */
  private static void feed(byte[] stream, Random random, Reader ours, Reader theirs) {
    for (int from = 0; from < stream.length; ) {
      int most = random.nextInt(10) == 0 ? 1 : stream.length - from;
      int to = from + 1 + random.nextInt(most);
      byte[] piece = Arrays.copyOfRange(stream, from, to);
      ours.receive(ByteBuffer.wrap(piece.clone()));
      theirs.receive(ByteBuffer.wrap(piece));
      from = to;
    }
  }

  private static int firstDifference(List<String> ours, List<String> theirs) {
    int at = 0;
    while (at < Math.min(ours.size(), theirs.size()) && ours.get(at).equals(theirs.get(at))) {
      at++;
    }
    return at;
  }

  private static String said(Reader reader, int at) {
    List<String> events = reader.events();
    if (at == events.size()) {
      return END;
    }
    String event = events.get(at);
    return reader instanceof HalleyReader ours && event.startsWith("FAIL")
        ? event + " " + ours.rule()
        : event;
  }
}
