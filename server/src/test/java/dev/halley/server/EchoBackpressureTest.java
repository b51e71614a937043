package dev.halley.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ServerConfig.Io;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A peer that sends on and on and reads nothing until nothing more is taken from it: what it then
 * reads is what it sent, whatever lay in whose buffer meanwhile.
 */
class EchoBackpressureTest {
  private static final int MESSAGES = 60_000;
  private static final int LONGEST_STALL_MILLIS = 300;
  private static final byte[] KEY = {1, 2, 3, 4};

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"EPOLL", "NIO"})
  void whatIsReadLateIsWhatWasSent(Io io) throws Exception {
    ServerConfig.Network network = TestServer.config().network();
    ServerConfig config =
        TestServer.config()
            .withNetwork(new ServerConfig.Network(network.host(), network.port(), io, 1))
            .withEchoPath("/echo");
    ByteBuffer sent = frames(true);
    ByteBuffer expected = frames(false);
    ByteBuffer received = ByteBuffer.allocate(expected.remaining());
    try (TestServer server = TestServer.start(config);
        SocketChannel channel = connect(server);
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      while (sent.hasRemaining() && selector.select(LONGEST_STALL_MILLIS) > 0) {
        channel.write(sent);
        selector.selectedKeys().clear();
      }
      assertThat(sent.hasRemaining()).as("the server stopped reading").isTrue();
      while (received.hasRemaining()) {
        key.interestOps(SelectionKey.OP_READ | (sent.hasRemaining() ? SelectionKey.OP_WRITE : 0));
        assertThat(selector.select(20_000)).isPositive();
        selector.selectedKeys().clear();
        channel.write(sent);
        assertThat(channel.read(received)).isNotNegative();
      }
    }
    assertThat(received.flip()).isEqualTo(expected);
  }

  private static SocketChannel connect(TestServer server) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 10);
    channel.connect(server.address());
    String request =
        "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
    StringBuilder head = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (head.indexOf("\r\n\r\n") < 0) {
      assertThat(channel.read(one.clear())).isEqualTo(1);
      head.append((char) one.get(0));
    }
    assertThat(head).startsWith("HTTP/1.1 101");
    return channel;
  }

  /** The same messages, masked by a client or plain from a server. */
  private static ByteBuffer frames(boolean masked) {
    Random random = new Random(7);
    ByteBuffer out = ByteBuffer.allocate(96 << 20);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] payload = new byte[i % 1000 == 0 ? 100_000 : random.nextInt(1_000)];
      random.nextBytes(payload);
      writeHeader(out, masked ? 0x80 : 0, payload.length);
      if (masked) {
        out.put(KEY);
        for (int j = 0; j < payload.length; j++) {
          payload[j] ^= KEY[j & 3];
        }
      }
      out.put(payload);
    }
    return out.flip();
  }

  private static void writeHeader(ByteBuffer out, int maskBit, int length) {
    out.put((byte) 0x82);
    if (length < 126) {
      out.put((byte) (maskBit | length));
    } else if (length < 1 << 16) {
      out.put((byte) (maskBit | 126)).putShort((short) length);
    } else {
      out.put((byte) (maskBit | 127)).putLong(length);
    }
  }
}
