package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.WebSocketClient.Message;
import dev.halley.websocket.DeflateParameters;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Compression with others: {@code ws} of Node.js in both roles, and Chromium. */
@Timeout(600)
class DeflateIT {
  private static final List<Integer> SIZES = List.of(0, 1, 125, 126, 65_535, 65_536, 131_072);

  /** Compression makes the texts and messages at least so much smaller. */
  private static final int GAIN = 2;

  @BeforeAll
  static void installPackages() throws Exception {
    NodePackages.install();
  }

  @Test
  void wsListensWithEachOfItsOptions() throws Exception {
    List<Options> all = Options.all();
    try (TestServer server = TestServer.start(TestServer.config().withEchoPath("/echo"));
        Script script =
            Script.start(
                "deflate-client.mjs",
                "ws://" + server.authority() + "/echo",
                SIZES.toString(),
                all.stream().map(Options::json).toList().toString())) {
      for (Options options : all) {
        String line = script.line();
        assertThat(line).as("%s", options).doesNotContain("error");
        JsonNode result = Json.parse(line);
        assertThat(result.get("agreed").stringValue()).isEqualTo(options.agreed());
        long payload = result.get("payload").longValue();
        assertThat(result.get("bytesWritten").longValue()).isLessThan(payload / GAIN);
        // The server keeps to a small window by forgetting what was before it.
        if (options.serverBits() > 9) {
          assertThat(result.get("bytesRead").longValue()).isLessThan(payload / GAIN);
        }
      }
    }
  }

  @Test
  void wsServesWithEachOfItsOptions() throws Exception {
    try (Script script = Script.start("deflate-server.mjs")) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(script.line()));
      for (Options options : Options.all()) {
        talk(address, options, DeflateParameters.CONTEXT_TAKEOVER);
      }
      Options none = new Options(false, false, Options.MOST, Options.MOST);
      talk(address, none, DeflateParameters.NO_CONTEXT_TAKEOVER);
    }
  }

  private static void talk(InetSocketAddress address, Options options, DeflateParameters offer)
      throws Exception {
    String target = "/?" + URLEncoder.encode(options.json(), UTF_8);
    try (WebSocketClient client =
        WebSocketClient.open(address, target, List.of(), "", List.of(offer))) {
      DeflateParameters agreed = client.deflate().orElseThrow();
      assertThat(agreed.serverNoContextTakeover())
          .isEqualTo(options.serverNoTakeover() || offer.serverNoContextTakeover());
      assertThat(agreed.clientNoContextTakeover())
          .isEqualTo(options.clientNoTakeover() || offer.clientNoContextTakeover());
      assertThat(agreed.serverMaxWindowBits()).isEqualTo(options.serverBits());
      assertThat(agreed.clientMaxWindowBits()).isEqualTo(options.clientBits());
      long payload = 0;
      for (int size : SIZES) {
        String text = text(size);
        client.send(text);
        assertThat(client.receiveText()).isEqualTo(text);
        byte[] binary = text.getBytes(UTF_8);
        client.send(binary);
        assertThat(client.receive()).isEqualTo(new Message.Binary(ByteBuffer.wrap(binary)));
        payload += 2L * size;
      }
      assertThat(client.received()).isLessThan(payload / GAIN);
      if (options.clientBits() > 9) {
        assertThat(client.sent()).isLessThan(payload / GAIN);
      }
      client.sendClose(1000, "");
      assertThat(client.receive()).isEqualTo(new Message.Closed(1000, ""));
    }
  }

  @Test
  void chromiumCompressesByItself() throws Exception {
    ServerConfig config = TestServer.config().withEchoPath("/echo");
    try (Pages pages = Pages.start();
        TestServer server =
            TestServer.start(config.withAccess(Configs.withOrigins(pages.origin()).access()));
        ByteCounter counter = new ByteCounter(server.address());
        Script script =
            Script.start(
                "deflate-browser.mjs",
                pages.origin() + "/",
                "ws://" + counter.authority() + "/echo",
                SIZES.toString())) {
      assertThat(script.line())
          .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
      assertThat(script.line()).as("texts that came back").isEqualTo("" + SIZES.size());
      assertThat(script.line()).isEqualTo("closed 1000");
      long characters = SIZES.stream().mapToLong(Integer::longValue).sum();
      assertThat(counter.fromClients()).isLessThan(characters / GAIN);
      assertThat(counter.fromServer()).isLessThan(characters / GAIN);
    }
  }

  private static String text(int size) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < size; i++) {
      text.append(i * 7919 % 997).append(" is ").append(i % 13).append(';');
    }
    return text.substring(0, size);
  }

  /** What {@code ws} can be told; 15 bits are what it does if it isn't told anything. */
  private record Options(
      boolean serverNoTakeover, boolean clientNoTakeover, int serverBits, int clientBits) {
    private static final int MOST = 15;

    static List<Options> all() {
      List<Options> all = new ArrayList<>();
      for (int flags = 0; flags < 4; flags++) {
        for (int serverBits : List.of(8, 12, MOST)) {
          // zlib, which ws compresses with, makes 9 of 8; whoever inflates 15 bits reads that, too.
          for (int clientBits : List.of(8, 9, MOST)) {
            all.add(new Options((flags & 1) != 0, (flags & 2) != 0, serverBits, clientBits));
          }
        }
      }
      return all;
    }

    /** Only what differs from what {@code ws} does by itself. */
    String json() {
      TreeMap<String, Object> set = new TreeMap<>();
      if (serverNoTakeover) {
        set.put("\"serverNoContextTakeover\"", true);
      }
      if (clientNoTakeover) {
        set.put("\"clientNoContextTakeover\"", true);
      }
      if (serverBits < MOST) {
        set.put("\"serverMaxWindowBits\"", serverBits);
      }
      if (clientBits < MOST) {
        set.put("\"clientMaxWindowBits\"", clientBits);
      }
      return set.toString().replace('=', ':').replace(" ", "");
    }

    /** What Halley's server makes of it. */
    String agreed() {
      return "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
          + (serverBits < MOST ? "; server_max_window_bits=" + serverBits : "")
          + (clientBits < MOST ? "; client_max_window_bits=" + clientBits : "");
    }
  }
}
