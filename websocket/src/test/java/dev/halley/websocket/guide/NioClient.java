package dev.halley.websocket.guide;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.websocket.ClientHandshake;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.Compression;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.MaskKeys;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ProtocolOptions;
import dev.halley.websocket.WebSocketProtocol;
import dev.halley.websocket.WebSocketProtocol.Event;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;

/** A client with compression on a non-blocking channel: one loop, one input and one output. */
final class NioClient implements AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector = Selector.open();
  private final SelectionKey key;
  private final SecureRandom random = new SecureRandom();
  private final DeflatePool pool = new DeflatePool(DeflatePool.DEFAULT_LEVEL);
  private final ByteBuffer input = ByteBuffer.allocateDirect(64 << 10).limit(0);
  private final ByteBuffer output = ByteBuffer.allocateDirect(64 << 10);
  private final WebSocketProtocol protocol;

  NioClient(InetSocketAddress address, String target) throws IOException {
    channel = SocketChannel.open(address);
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ);
    ClientHandshake handshake =
        ClientHandshake.create(random, List.of(), List.of(DeflateParameters.NO_CONTEXT_TAKEOVER));
    StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    handshake.headers().forEach(it -> request.append(it.name() + ": " + it.value() + "\r\n"));
    output.put(request.append("\r\n").toString().getBytes(ISO_8859_1));
    List<String> head = readHead().lines().toList();
    ClientHandshake.Outcome outcome =
        handshake.verify(
            Integer.parseInt(head.getFirst().substring(9, 12)), name -> valuesOf(head, name));
    ProtocolOptions plain = ProtocolOptions.of(new MessageLimits(1 << 20, 1 << 20));
    protocol =
        switch (outcome) {
          case ClientHandshake.Outcome.Established it ->
              WebSocketProtocol.client(
                  it.deflate()
                      .map(agreed -> new Compression(agreed, pool, Compression.DEFAULT_THRESHOLD))
                      .map(plain::withCompression)
                      .orElse(plain),
                  new MaskKeys(random));
          case ClientHandshake.Outcome.Failed it -> throw new IOException(it.rule());
        };
  }

  /** Sends a text; waits while there is no room, which is all the backpressure that it takes. */
  void send(String text) throws IOException {
    ByteBuffer payload = ByteBuffer.wrap(text.getBytes(UTF_8));
    while (output.remaining() < protocol.messageLength(payload.remaining())) {
      turn();
    }
    protocol.writeText(payload, output);
  }

  /** Receives until the server closes; returns its close code. */
  int receive(Consumer<String> texts) throws IOException {
    while (true) {
      Event event = protocol.receive(input);
      if (event == Event.TEXT) {
        texts.accept(UTF_8.decode(protocol.payload()).toString());
      }
      if (protocol.replyLength() > 0) {
        protocol.writeReply(output); // room for it is always kept, see turn()
      }
      if (event == Event.CLOSE || event == Event.FAILURE) {
        int code = protocol.closeCode();
        while (turn()) {
          protocol.receive(input); // a client lets the server close the connection
        }
        return code;
      }
      if (event == Event.NEED_INPUT && !turn()) {
        return CloseCode.ABNORMAL;
      }
    }
  }

  /** Waits for the channel, writes what it takes, and reads; false at its end. */
  private boolean turn() throws IOException {
    key.interestOps(
        output.position() > 0
            ? SelectionKey.OP_WRITE | SelectionKey.OP_READ
            : SelectionKey.OP_READ);
    selector.select(1000);
    selector.selectedKeys().clear();
    channel.write(output.flip());
    output.compact();
    boolean roomForReply = output.remaining() >= WebSocketProtocol.MAX_CONTROL_LENGTH;
    if (input.hasRemaining() || !roomForReply) {
      return true;
    }
    int count = channel.read(input.clear());
    input.flip();
    return count >= 0;
  }

  private String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      if (!turn() || head.length() > 8192) {
        throw new IOException("No answer");
      }
      while (input.hasRemaining() && head.indexOf("\r\n\r\n") < 0) {
        head.append((char) input.get());
      }
    }
    return head.toString();
  }

  private static List<String> valuesOf(List<String> head, String name) {
    return head.stream()
        .skip(1)
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }

  @Override
  public void close() throws IOException {
    protocol.release();
    pool.close();
    selector.close();
    channel.close();
  }
}
