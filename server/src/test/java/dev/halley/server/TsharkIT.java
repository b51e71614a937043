package dev.halley.server;

import static dev.halley.server.DissectedFrame.hex;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.DissectedFrame.Frame;
import dev.halley.server.WebSocketClient.Message;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.Opcode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A second opinion: what Wireshark's dissector reads in the traffic of our client and server. */
@Tag("unprivileged")
@Timeout(600)
class TsharkIT {
  private static final int RSV1 = 4;

  /** On both sides of each border between two forms of a length. */
  private static final List<Integer> SIZES =
      List.of(0, 1, 2, 125, 126, 127, 65_535, 65_536, 65_537);

  private final List<Frame> sent = new ArrayList<>();
  private final List<Frame> echoed = new ArrayList<>();
  private long bytesSent;
  private long bytesEchoed;

  @Test
  void framesAreWhatTheyAreMeantToBe() throws Exception {
    try (TestServer server = TestServer.start(TestServer.config().withEchoPath("/echo"));
        Capture capture = Capture.start(server.address());
        WebSocketClient client = WebSocketClient.open(server, "/echo", List.of(), "")) {
      for (int size : SIZES) {
        String text = "é".repeat(size / 2) + "x".repeat(size % 2);
        client.send(text);
        assertThat(client.receiveText()).isEqualTo(text);
        bothWays(0, Opcode.TEXT, hex(text), size);
        byte[] binary = noise(size);
        client.send(binary);
        assertThat(client.receive()).isEqualTo(new Message.Binary(ByteBuffer.wrap(binary)));
        bothWays(0, Opcode.BINARY, hex(binary), size);
      }
      sendInParts(client);
      end(client, 1000, "grüß Gott");
      assertThat(compare(capture, server))
          .contains("HTTP/1.1 101 Switching Protocols")
          .doesNotContain("Sec-WebSocket-Extensions");
    }
  }

  @Test
  void compressedFramesAreWhatTheyAreMeantToBe() throws Exception {
    List<DeflateParameters> offers = List.of(DeflateParameters.CONTEXT_TAKEOVER);
    try (TestServer server = TestServer.start(TestServer.config().withEchoPath("/echo"));
        Capture capture = Capture.start(server.address());
        WebSocketClient client = WebSocketClient.open(server, "/echo", List.of(), "", offers)) {
      // Half of it is gained by compression; each form of a length occurs after it.
      for (int size : List.of(100, 1_000, 200_000)) {
        String text = hex(noise(size / 2));
        client.send(text);
        assertThat(client.receiveText()).isEqualTo(text);
        bothWays(RSV1, Opcode.TEXT, hex(text), size * 2 / 3);
        byte[] binary = text.getBytes(UTF_8);
        client.send(binary);
        assertThat(client.receive()).isEqualTo(new Message.Binary(ByteBuffer.wrap(binary)));
        bothWays(RSV1, Opcode.BINARY, hex(binary), size * 2 / 3);
      }
      byte[] incompressible = noise(300);
      client.send(incompressible);
      assertThat(client.receive()).isEqualTo(new Message.Binary(ByteBuffer.wrap(incompressible)));
      bothWays(0, Opcode.BINARY, hex(incompressible), 300);
      end(client, 4999, "");
      assertThat(compare(capture, server))
          .contains("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\\r\\n")
          .contains("HTTP/1.1 101 Switching Protocols")
          .contains(
              "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover;"
                  + " client_no_context_takeover\\r\\n");
    }
  }

  @Test
  void closeCodesAreReadAsTheyWereSent() throws Exception {
    try (TestServer server = TestServer.start(TestServer.config().withEchoPath("/echo"));
        Capture capture = Capture.start(server.address())) {
      for (int code : List.of(1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999)) {
        try (WebSocketClient client = WebSocketClient.open(server, "/echo", List.of(), "")) {
          end(client, code, "because");
        }
      }
      compare(capture, server);
    }
  }

  /** Frames of a message with control frames between them, which the server echoes as one. */
  private void sendInParts(WebSocketClient client) throws Exception {
    client.send(
        1000,
        (protocol, out) -> {
          protocol.writeTextPart(bytes("Hel"), false, out);
          protocol.writePing(bytes("are you there?"), out);
          protocol.writeTextPart(bytes("lo, "), false, out);
          protocol.writePong(bytes("nobody asked"), out);
          protocol.writeTextPart(bytes("world"), true, out);
          protocol.writePing(bytes(""), out);
        });
    assertThat(client.receiveText()).isEqualTo("Hello, world");
    sent.add(new Frame(false, 0, Opcode.TEXT, true, 7, ""));
    sent.add(new Frame(true, 0, Opcode.PING, true, 7, hex("are you there?")));
    sent.add(new Frame(false, 0, Opcode.CONTINUATION, true, 7, ""));
    sent.add(new Frame(true, 0, Opcode.PONG, true, 7, hex("nobody asked")));
    sent.add(new Frame(true, 0, Opcode.CONTINUATION, true, 7, hex("Hello, world")));
    sent.add(new Frame(true, 0, Opcode.PING, true, 7, ""));
    echoed.add(new Frame(true, 0, Opcode.PONG, false, 7, hex("are you there?")));
    echoed.add(new Frame(true, 0, Opcode.TEXT, false, 7, hex("Hello, world")));
    echoed.add(new Frame(true, 0, Opcode.PONG, false, 7, ""));
  }

  private void end(WebSocketClient client, int code, String reason) throws Exception {
    client.sendClose(code, reason);
    assertThat(client.receive()).isEqualTo(new Message.Closed(code, reason));
    client.drain();
    bytesSent += client.sent();
    bytesEchoed += client.received();
    bothWays(0, Opcode.CLOSE, String.format("%04x", code) + hex(reason), 2);
  }

  private void bothWays(int reserved, int opcode, String payload, int length) {
    int bits = length < 126 ? 7 : length < 65_536 ? 16 : 64;
    sent.add(new Frame(true, reserved, opcode, true, bits, payload));
    echoed.add(new Frame(true, reserved, opcode, false, bits, payload));
  }

  /** Compares the frames, and returns all of the dissection. */
  private String compare(Capture capture, TestServer server) throws Exception {
    String pdml = capture.dissect();
    List<DissectedFrame> all = DissectedFrame.all(pdml, server.address().getPort());
    assertThat(of(all, true).map(DissectedFrame::frame).toList()).isEqualTo(sent);
    assertThat(of(all, false).map(DissectedFrame::frame).toList()).isEqualTo(echoed);
    assertThat(of(all, true).mapToLong(DissectedFrame::size).sum()).isEqualTo(bytesSent);
    assertThat(of(all, false).mapToLong(DissectedFrame::size).sum()).isEqualTo(bytesEchoed);
    return pdml;
  }

  private static Stream<DissectedFrame> of(List<DissectedFrame> all, boolean byClient) {
    return all.stream().filter(it -> it.byClient() == byClient);
  }

  private static byte[] noise(int size) {
    byte[] noise = new byte[size];
    new Random(size).nextBytes(noise);
    return noise;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
