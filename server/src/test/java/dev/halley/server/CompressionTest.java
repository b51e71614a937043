package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ServerConfig.Compression;
import dev.halley.server.WebSocketClient.Message;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.Opcode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What compression does on the wire; that nothing else changes, the contract says. */
class CompressionTest {
  private static final String JSON = "{\"price\":12,\"city\":\"上海\"}".repeat(40);

  private static final List<DeflateParameters> OFFER = List.of(DeflateParameters.CONTEXT_TAKEOVER);

  private static WebSocketClient open(TestServer server, String target) throws Exception {
    return WebSocketClient.open(server, target, List.of(), "", OFFER);
  }

  @Test
  void eachMessageIsCompressedForItselfWhateverTheClientOffers() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client = open(server, "/channels/a")) {
      assertThat(client.deflate()).contains(DeflateParameters.NO_CONTEXT_TAKEOVER);
      assertThat(client.head().field("sec-websocket-extensions"))
          .contains("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    }
  }

  @Test
  void aPublicationIsSmallerOnTheWire() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient deflated = open(server, "/channels/a");
        WebSocketClient plain = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      server.publish("a", JSON);
      assertThat(deflated.receiveText()).isEqualTo(JSON);
      assertThat(plain.receiveText()).isEqualTo(JSON);
      assertThat(plain.received()).isGreaterThan(JSON.getBytes(UTF_8).length);
      assertThat(deflated.received()).isLessThan(plain.received() / 10);
    }
  }

  @Test
  void whatAClientCompressesIsPublishedAsItWas() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient deflated = open(server, "/channels/a");
        WebSocketClient plain = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      deflated.send(JSON);
      assertThat(plain.receiveText()).isEqualTo(JSON);
      assertThat(deflated.receiveText()).isEqualTo(JSON);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255, 256, 65_535, 200_000})
  void anEchoIsCompressedToo(int length) throws Exception {
    ServerConfig config = TestServer.config().withEchoPath("/echo");
    try (TestServer server = TestServer.start(config);
        WebSocketClient client = open(server, "/echo")) {
      String text = "x".repeat(length);
      client.send(text);
      assertThat(client.receiveText()).isEqualTo(text);
      assertThat(client.received()).isLessThan(20 + length / 100);
      client.send(text.getBytes(UTF_8));
      assertThat(client.receive())
          .isEqualTo(new Message.Binary(ByteBuffer.wrap(text.getBytes(UTF_8))));
    }
  }

  @Test
  void underTheThresholdAMessageGoesAsItIs() throws Exception {
    ServerConfig config = TestServer.config().withCompression(new Compression(1, 1000));
    try (TestServer server = TestServer.start(config);
        WebSocketClient client = open(server, "/channels/a")) {
      server.publish("a", "x".repeat(999));
      assertThat(client.receiveText()).hasSize(999);
      long first = client.received();
      assertThat(first).isEqualTo(999 + 4);
      server.publish("a", "x".repeat(1000));
      assertThat(client.receiveText()).hasSize(1000);
      assertThat(client.received() - first).isLessThan(50);
    }
  }

  @Test
  void level0DeclinesEveryOffer() throws Exception {
    ServerConfig config = TestServer.config().withCompression(new Compression(0, 1));
    try (TestServer server = TestServer.start(config);
        WebSocketClient client = open(server, "/channels/a")) {
      assertThat(client.deflate()).isEqualTo(Optional.empty());
      server.publish("a", JSON);
      assertThat(client.receiveText()).isEqualTo(JSON);
    }
  }

  @Test
  void aBombIsTooBig() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client = open(server, "/channels/a")) {
      byte[] zeros = new byte[16 << 20];
      ByteBuffer frame = ByteBuffer.allocate(zeros.length + 10);
      try (DeflatePool pool = new DeflatePool(9)) {
        assertThat(pool.writeCompressed(Opcode.TEXT, ByteBuffer.wrap(zeros), 15, frame)).isTrue();
      }
      frame.flip();
      assertThat(frame.get(1)).as("length in two bytes").isEqualTo((byte) 126);
      // Masked, as a client's must be, with a key of zeros.
      ByteBuffer masked = ByteBuffer.allocate(frame.remaining() + 4);
      masked.put(frame.get()).put((byte) (frame.get() | 0x80)).putShort(frame.getShort());
      client.sendRaw(masked.putInt(0).put(frame).array());
      assertThat(client.receive())
          .isEqualTo(
              new Message.Closed(1009, "The message must not exceed this endpoint's limit."));
    }
  }

  @Test
  void whatIsNoDeflateDataIsRefused() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client = open(server, "/channels/a")) {
      client.sendRaw(new byte[] {(byte) 0xc1, (byte) 0x82, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff});
      assertThat(client.receive())
          .isEqualTo(
              new Message.Closed(
                  1007, "The payload of a compressed message must be DEFLATE data."));
    }
  }

  @Test
  void aLongAnswerInHalleyV1IsCompressedToo() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "", OFFER)) {
      for (int i = 0; i < 20; i++) {
        server.publish("a", JSON);
      }
      client.send("{\"id\":1,\"op\":\"history\",\"channel\":\"a\"}");
      assertThat(Json.parse(client.receiveText()).get("publications")).hasSize(20);
      assertThat(client.received()).isLessThan(JSON.length());
    }
  }
}
