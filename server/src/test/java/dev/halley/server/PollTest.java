package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What is particular to polls and long polls. */
class PollTest {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static TestServer server;

  private final String channel = "poll-" + NAMES.incrementAndGet();
  private final String path = "/channels/" + channel;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void withoutACursorAPollBeginsAtTheEarliest() throws Exception {
    server.publish(channel, "one");
    Answer answer = HttpSocket.get(server, path, "");
    assertThat(publications(answer)).hasSize(1);
    assertThat(answer.field("cache-control")).contains("no-store");
    assertThat(answer.field("content-type").orElseThrow()).startsWith("application/json");
  }

  @Test
  void anAnswerEndsAtTheLimitAndTheNextPollGoesOn() throws Exception {
    for (int i = 0; i < 5; i++) {
      server.publish(channel, "m" + i);
    }
    Answer first = HttpSocket.get(server, path + "?limit=2", "");
    assertThat(publications(first)).hasSize(2);
    Answer second = HttpSocket.get(server, path + "?limit=2&since=" + position(first), "");
    assertThat(publications(second).get(0).get("data").stringValue()).isEqualTo("m2");
    assertThat(publications(second)).hasSize(2);
  }

  @Test
  void anAnswerEndsAtItsBytes() throws Exception {
    String large = "x".repeat(600_000);
    for (int i = 0; i < 3; i++) {
      server.publish(channel, large);
    }
    Answer first = HttpSocket.get(server, path, "");
    assertThat(publications(first)).hasSizeBetween(1, 2);
  }

  @Test
  void theEtagIsACursor() throws Exception {
    server.publish(channel, "one");
    String etag = HttpSocket.get(server, path, "").field("etag").orElseThrow();
    Answer unchanged = HttpSocket.get(server, path, "If-None-Match: " + etag + "\r\n");
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.field("etag")).contains(etag);
    assertThat(unchanged.body()).isEmpty();
    server.publish(channel, "two");
    Answer changed = HttpSocket.get(server, path, "If-None-Match: " + etag + "\r\n");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(publications(changed)).hasSize(1);
    assertThat(publications(changed).get(0).get("data").stringValue()).isEqualTo("two");
  }

  @Test
  void theEtagBesideARepeatedUrlIsTheNewerCursor() throws Exception {
    server.publish(channel, "one");
    String url = path + "?since=latest";
    String etag = HttpSocket.get(server, url, "").field("etag").orElseThrow();
    server.publish(channel, "two");
    Answer answer = HttpSocket.get(server, url, "If-None-Match: " + etag + "\r\n");
    assertThat(publications(answer)).hasSize(1);
    assertThat(publications(answer).get(0).get("data").stringValue()).isEqualTo("two");
  }

  @Test
  void theEtagMayBeWeak() throws Exception {
    server.publish(channel, "one");
    String etag = HttpSocket.get(server, path, "").field("etag").orElseThrow();
    assertThat(HttpSocket.get(server, path, "If-None-Match: W/" + etag + "\r\n").status())
        .isEqualTo(304);
  }

  /** As Apache, Jetty, nginx, Caddy and others make them when they compress. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"%s-gzip\"",
        "W/\"%s-gzip\"",
        "\"%s--gzip\"",
        "\"%s;gzip\"",
        "\"%s-br\"",
        "\"%s-zstd\"",
        "\"%s-df\"",
        "\"%s\"-gzip",
        "W/\"%s\"",
        "\"foreign\", \"%s\"",
        "\"%s\",W/\"foreign\"",
        " , \"foreign, with a comma\" ,\t\"%s-gzip\" ,",
        "\"%s\"\r\nIf-None-Match: \"foreign\"",
        "*, \"%s\""
      })
  void theEtagIsACursorInWhateverListAndWithWhateverCodingItComesBack(String field)
      throws Exception {
    StreamPosition one = server.publish(channel, "one");
    String tag = "If-None-Match: " + String.format(field, one) + "\r\n";
    assertThat(HttpSocket.get(server, path, tag).status()).isEqualTo(304);
    server.publish(channel, "two");
    Answer changed = HttpSocket.get(server, path, tag);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(publications(changed)).hasSize(1);
    assertThat(publications(changed).get(0).get("data").stringValue()).isEqualTo("two");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"foreign\"",
        "W/\"foreign\"",
        "\"\"",
        "\"earliest\"",
        "\"latest\"",
        "\"abc:1,abc:2\"",
        "\"5f3759df-gzip\"",
        "\"a\", \"b\"",
        "\"\u00e4\"",
        "",
        ","
      })
  void aForeignEtagMatchesNothingAndLosesNothing(String field) throws Exception {
    StreamPosition one = server.publish(channel, "one");
    server.publish(channel, "two");
    String tag = "If-None-Match: " + field + "\r\n";
    assertThat(publications(HttpSocket.get(server, path, tag))).hasSize(2);
    assertThat(publications(HttpSocket.get(server, path + "?since=" + one, tag))).hasSize(1);
    Answer nothing = HttpSocket.get(server, path + "?since=latest", tag);
    assertThat(nothing.status()).isEqualTo(200);
    assertThat(publications(nothing)).isEmpty();
  }

  @Test
  void anyEtagMatchesWhatHasNothingNewAndHidesNoNews() throws Exception {
    server.publish(channel, "one");
    String any = "If-None-Match: *\r\n";
    assertThat(publications(HttpSocket.get(server, path, any))).hasSize(1);
    Answer nothing = HttpSocket.get(server, path + "?since=latest", any);
    assertThat(nothing.status()).isEqualTo(304);
    assertThat(nothing.field("etag")).isPresent();
  }

  @Test
  void ofSeveralEtagsTheFurthestIsTheCursor() throws Exception {
    StreamPosition one = server.publish(channel, "one");
    StreamPosition two = server.publish(channel, "two");
    for (String tags : new String[] {"\"%s\", \"%s\"", "\"%2$s\", \"%1$s\""}) {
      String field = "If-None-Match: " + String.format(tags, one, two) + "\r\n";
      assertThat(HttpSocket.get(server, path, field).status()).isEqualTo(304);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc:1", "\"abc:1", "W/abc", "\"a\" \"b\"", "w/\"a\"", "**"})
  void whatIsNoListOfEtagsIs400(String field) throws Exception {
    Answer answer = HttpSocket.get(server, path, "If-None-Match: " + field + "\r\n");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("in quotation marks");
  }

  /** RFC 7240 section 2: what isn't understood, or can't be honoured, is ignored. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "wait=x",
        "wait=-1",
        "wait",
        "wait=",
        "wait=1.5",
        "wait=\"",
        "=",
        ";;,,",
        "respond-async",
        "foo=\"a, wait=20\"",
        "foo; wait=20",
        "foo=\"\\\", wait=20\"",
        "wait=x, wait=20"
      })
  void aPreferenceThatCantBeHonouredIsIgnored(String prefer) throws Exception {
    StreamPosition start = server.publish(channel, "before");
    String target = path + "?since=" + start;
    Answer answer = HttpSocket.get(server, target, "Prefer: " + prefer + "\r\n");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("preference-applied")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wait=99999999999999999999 | 55",
        "wait=56 | 55",
        "wait=5;foo=bar | 5",
        "wait=\"5\" | 5",
        "WAIT = 5 | 5",
        "foo=\"a,b\", wait=5, wait=7 | 5"
      })
  void aPreferenceThatIsHonouredIsToldAsFarAsItIs(String prefer, int applied) throws Exception {
    StreamPosition start = server.publish(channel, "before");
    for (String fields : new String[] {"Prefer: " + prefer, "Prefer: x\r\nPrefer: " + prefer}) {
      try (HttpSocket http = HttpSocket.connect(server)) {
        String target = path + "?since=" + start;
        http.send(HttpSocket.request(server, "GET", target, fields + "\r\n", ""));
        start = server.publish(channel, "news");
        assertThat(http.answer().field("preference-applied")).contains("wait=" + applied);
      }
    }
  }

  @Test
  void lastEventIdIsACursor() throws Exception {
    StreamPosition one = server.publish(channel, "one");
    server.publish(channel, "two");
    Answer answer = HttpSocket.get(server, path, "Last-Event-ID: " + one + "\r\n");
    assertThat(publications(answer)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Prefer: wait=20", "Prefer: respond-async, wait=20", "prefer: Wait=20"})
  void aLongPollIsAnsweredWhenSomethingComes(String prefer) throws Exception {
    StreamPosition start = server.publish(channel, "before");
    try (HttpSocket http = HttpSocket.connect(server);
        HttpSocket plain = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", path + "?since=" + start, prefer + "\r\n", ""));
      plain.send(HttpSocket.request(server, "GET", path + "?since=" + start, "", ""));
      assertThat(publications(plain.answer())).isEmpty();
      server.publish(channel, "news");
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(publications(answer).get(0).get("data").stringValue()).isEqualTo("news");
    }
  }

  @Test
  void aLongPollEndsEmptyAfterItsWait() throws Exception {
    StreamPosition start = server.publish(channel, "before");
    long began = System.nanoTime();
    Answer answer = HttpSocket.get(server, path + "?wait=1&since=" + start, "");
    assertThat(System.nanoTime() - began).isGreaterThan(900_000_000L);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(publications(answer)).isEmpty();
    assertThat(position(answer)).isEqualTo(start.toString());
  }

  @Test
  void aLongPollWithAnEtagEndsIn304AfterItsWait() throws Exception {
    StreamPosition start = server.publish(channel, "before");
    Answer answer =
        HttpSocket.get(server, path + "?wait=1", "If-None-Match: \"" + start + "\"\r\n");
    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.field("etag")).contains('"' + start.toString() + '"');
  }

  @Test
  void aLongPollOfTwoChannelsIsAnsweredByEither() throws Exception {
    StreamPosition first = server.publish(channel, "before");
    StreamPosition second = server.publish(channel + "-b", "before");
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server,
              "GET",
              path + "," + channel + "-b?wait=20&since=" + first + "," + second,
              "",
              ""));
      server.publish(channel + "-b", "news");
      Answer answer = http.answer();
      assertThat(publications(answer)).hasSize(1);
      assertThat(position(answer)).isEqualTo(first + "," + second.next());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s,%s-b", "%2$s-b,%1$s"})
  void aBusyChannelDoesntKeepAnotherFromBeingRead(String order) throws Exception {
    String names = String.format(order, channel, channel);
    Answer answer = HttpSocket.get(server, "/channels/" + names + "?since=latest", "");
    server.publish(channel + "-b", "important");
    for (int i = 0; ; i++) {
      server.publish(channel, "busy");
      server.publish(channel, "busy");
      String target = "/channels/" + names + "?limit=1&wait=20&since=" + position(answer);
      answer = HttpSocket.get(server, target, "");
      assertThat(publications(answer)).hasSize(1);
      if (answer.body().contains("important")) {
        return;
      }
      assertThat(i).as("polls without the quiet channel's").isLessThan(5);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?since=",
        "?since=abc",
        "?since=abc:",
        "?since=abc:-1",
        "?since=:1",
        "?since=ABC:1",
        "?since=abc:9999999999999999999",
        "?since=abc:1,abc:2",
        "?since=abc:1&since=abc:2",
        "?wait=x",
        "?wait=-1",
        "?wait=99999999999999999999",
        "?limit=0",
        "?limit=-1",
        "?limit=x",
        "?since=%zz",
        "?since=%00"
      })
  void aBadQueryIs400(String query) throws Exception {
    Answer answer = HttpSocket.get(server, path + query, "");
    assertThat(answer.status()).as(query).isEqualTo(400);
    PublishTest.assertError(answer, 400);
  }

  @Test
  void aBadLastEventIdIs400() throws Exception {
    assertThat(HttpSocket.get(server, path, "Last-Event-ID: nonsense\r\n").status()).isEqualTo(400);
  }

  @Test
  void parkedPollsHaveALimit() throws Exception {
    try (TestServer small = TestServer.start(Configs.withParkedPolls(1));
        HttpSocket first = HttpSocket.connect(small);
        HttpSocket second = HttpSocket.connect(small)) {
      String request =
          HttpSocket.request(small, "GET", "/channels/parked?since=latest&wait=20", "", "");
      first.send(request);
      second.send(request);
      // One is parked, whichever came first; the other is refused at once.
      HttpSocket refused = firstToAnswer(first, second);
      Answer answer = refused.answer();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.field("retry-after")).isPresent();
      small.publish("parked", "news");
      Answer parked = (refused == first ? second : first).answer();
      assertThat(parked.status()).isEqualTo(200);
      // And its place is free again.
      refused.send(
          HttpSocket.request(small, "GET", "/channels/parked?since=latest&wait=1", "", ""));
      assertThat(refused.answer().status()).isEqualTo(200);
    }
  }

  private static HttpSocket firstToAnswer(HttpSocket first, HttpSocket second) throws Exception {
    TestServer.await(() -> first.input().available() > 0 || second.input().available() > 0);
    return first.input().available() > 0 ? first : second;
  }

  private static JsonNode publications(Answer answer) {
    return Json.parse(answer.body()).get("publications");
  }

  private static String position(Answer answer) {
    return Json.parse(answer.body()).get("position").stringValue();
  }
}
