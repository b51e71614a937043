package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What strangers send over HTTP/2 to make the server work or remember. Each has a bound. */
class Http2AttackTest {
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int MANY = 5_000;
  private static final int PRIORITY = 2;
  private static final int UNKNOWN = 0x42;
  private static final byte[] ONE = {0, 0, 0, 1};

  private static TestServer server;

  private Http2Socket http;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() throws Exception {
    http = Http2Socket.connect(server);
  }

  @AfterEach
  void itStillServes() throws Exception {
    http.close();
    try (Http2Socket other = Http2Socket.connect(server)) {
      assertThat(other.request("GET", "/health/live", "x", true).answer().status()).isEqualTo(200);
    }
  }

  @Test
  void rapidResetsEndTheConnection() throws Exception {
    assertCalmedDown(
        () -> {
          Http2Socket.Stream stream = http.request("GET", "/channels/a?wait=20", "x", true);
          stream.reset(8);
        });
  }

  @Test
  void whatMakesTheServerResetDoesToo() throws Exception {
    assertCalmedDown(() -> http.request("GET", "/", "x", true, "te", "gzip"));
  }

  @Test
  void pingsEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(Http2Socket.PING, 0, 0, new byte[8]));
  }

  @Test
  void settingsEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(Http2Socket.SETTINGS, 0, 0, new byte[0]));
  }

  @Test
  void answersToNoSettingsEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(Http2Socket.SETTINGS, Http2Socket.ACK, 0, new byte[0]));
  }

  @Test
  void answersToNoPingEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(Http2Socket.PING, Http2Socket.ACK, 0, new byte[8]));
  }

  @Test
  void windowUpdatesEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(Http2Socket.WINDOW_UPDATE, 0, 0, ONE));
  }

  @Test
  void windowUpdatesOfAStreamThatIsOverDoToo() throws Exception {
    Http2Socket.Stream stream = http.request("GET", "/health/live", "x", true);
    assertThat(stream.answer().status()).isEqualTo(200);
    assertCalmedDown(() -> http.send(Http2Socket.WINDOW_UPDATE, 0, stream.id(), ONE));
  }

  @Test
  void prioritiesEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(PRIORITY, 0, 101, new byte[5]));
  }

  @Test
  void framesThatNobodyKnowsEndTheConnection() throws Exception {
    assertCalmedDown(() -> http.send(UNKNOWN, 0, 0, new byte[3]));
  }

  /** What a client says of each thing that it gets or asks for is no flood. */
  @Test
  void aClientMayAcknowledgeEachFrameAndAddHintsToEachRequest() throws Exception {
    long before = count("http2_floods");
    try (TestServer strict = TestServer.start(TestServer.config().withHttp2(new Http2(128, 5)));
        Http2Socket busy = Http2Socket.connect(strict)) {
      for (int i = 0; i < 100; i++) {
        Http2Socket.Stream stream = busy.request("GET", "/health/live", "x", true);
        busy.send(PRIORITY, 0, stream.id(), new byte[5]);
        busy.send(UNKNOWN, 0, 0, new byte[1]);
        assertThat(stream.answer().status()).isEqualTo(200);
        busy.send(Http2Socket.WINDOW_UPDATE, 0, 0, ONE);
        busy.send(Http2Socket.WINDOW_UPDATE, 0, stream.id(), ONE);
      }
      busy.roundTrip();
      assertThat(busy.goAway()).isEmpty();
      assertThat(strict.server().metrics().http2Floods().sum()).isZero();
    }
    assertThat(count("http2_floods")).isEqualTo(before);
  }

  @Test
  void emptyDataEndsTheConnection() throws Exception {
    Http2Socket.Stream post = http.request("POST", "/channels/a", "x", false);
    assertCalmedDown(() -> http.send(Http2Socket.DATA, 0, post.id(), new byte[0]));
  }

  @Test
  void aHeadThatNeverEndsEndsTheConnection() throws Exception {
    http.send(Http2Socket.HEADERS, 0, 1, Http2Socket.block(":method", "GET"));
    assertCalmedDown(() -> http.send(Http2Socket.CONTINUATION, 0, 1, Http2Socket.block("a", "b")));
  }

  @Test
  void aHeadThatIsTooLargeIs431() throws Exception {
    Http2Socket.Stream stream =
        http.request(
            "GET", "/channels/a", "x", true, "x", "y".repeat(16_000), "z", "z".repeat(300));
    assertThat(stream.head().status()).isEqualTo(431);
  }

  /** One entry of the table, referred to again and again: HPACK's bomb. */
  @Test
  void aHeadThatGrowsWhenItIsUnpackedIs431() throws Exception {
    byte[] value = new byte[3_900];
    java.util.Arrays.fill(value, (byte) 'v');
    ByteBuffer block = ByteBuffer.allocate(16_000);
    block.put(Http2Socket.block(":method", "GET", ":scheme", "http", ":path", "/"));
    // Literal with incremental indexing, name x, and a value of 3,900 bytes (127 + 3,773).
    block.put((byte) 0x40).put((byte) 1).put((byte) 'x').put((byte) 127);
    block.put((byte) ((3_773 & 0x7f) | 0x80)).put((byte) (3_773 >> 7)).put(value);
    while (block.position() < 12_000) {
      block.put((byte) (0x80 | 62)); // the newest entry
    }
    block.flip();
    byte[] bytes = new byte[block.remaining()];
    block.get(bytes);
    assertThat(http.begin(true, bytes).head().status()).isEqualTo(431);
  }

  private static long count(String name) {
    return server.server().metrics().snapshot().getOrDefault(name, 0L);
  }

  private interface Step {
    void run() throws IOException;
  }

  private void assertCalmedDown(Step step) throws IOException {
    long before = count("http2_floods");
    try {
      for (int i = 0; i < MANY; i++) {
        step.run();
      }
    } catch (SocketException e) {
      // The server has closed before all was sent.
    }
    Optional<Integer> error = http.awaitEnd();
    assertThat(count("http2_floods")).isEqualTo(before + 1);
    // A reset connection may lose what was said last.
    error.ifPresent(it -> assertThat(it).isEqualTo(ENHANCE_YOUR_CALM));
  }
}
