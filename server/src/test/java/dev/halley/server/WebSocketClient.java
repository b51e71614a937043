package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.websocket.ClientHandshake;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.Compression;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ProtocolOptions;
import dev.halley.websocket.WebSocketProtocol;
import dev.halley.websocket.WebSocketProtocol.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The protocol core's client side over a blocking socket. */
final class WebSocketClient implements AutoCloseable {
  private static final RandomGenerator RANDOM = RandomGenerator.getDefault();
  private static final int LARGEST = 64 << 20;
  private static final int READ_SIZE = 16 << 10;

  /** What the server sent. */
  sealed interface Message {
    /** A text message. */
    record Text(String text) implements Message {}

    /** A binary message. */
    record Binary(ByteBuffer bytes) implements Message {}

    /** The server's close frame, or 1006 for an end without one. */
    record Closed(int code, String reason) implements Message {}
  }

  private final Wire http;
  private final HttpSocket.Head head;
  private final Optional<String> subprotocol;
  private final Optional<DeflateParameters> deflate;
  private final WebSocketProtocol protocol;
  private final byte[] bytes = new byte[READ_SIZE];
  private ByteBuffer input = ByteBuffer.allocate(0);
  private boolean patient;
  private int pings;
  private long received;
  private long sent;

  private WebSocketClient(
      Wire http, HttpSocket.Head head, ClientHandshake.Outcome.Established established) {
    this.http = http;
    this.head = head;
    subprotocol = established.subprotocol();
    deflate = established.deflate();
    ProtocolOptions plain = ProtocolOptions.of(new MessageLimits(LARGEST, LARGEST));
    ProtocolOptions options =
        deflate
            .map(it -> plain.withCompression(new Compression(it, new DeflatePool(6), 1)))
            .orElse(plain);
    protocol = WebSocketProtocol.client(options, RANDOM::nextInt);
  }

  /**
   * Opens one.
   *
   * @param fields further header lines, each ended by CR LF
   * @throws IOException if the handshake fails
   */
  static WebSocketClient open(
      TestServer server, String target, List<String> subprotocols, String fields)
      throws IOException {
    return open(server, target, subprotocols, fields, List.of());
  }

  /** Opens one that offers permessage-deflate. */
  static WebSocketClient open(
      TestServer server,
      String target,
      List<String> subprotocols,
      String fields,
      List<DeflateParameters> deflateOffers)
      throws IOException {
    return open(
        HttpSocket.connect(server), server.address(), target, subprotocols, fields, deflateOffers);
  }

  /** Opens one to anybody's server. */
  static WebSocketClient open(
      InetSocketAddress address,
      String target,
      List<String> subprotocols,
      String fields,
      List<DeflateParameters> deflateOffers)
      throws IOException {
    return open(HttpSocket.connect(address), address, target, subprotocols, fields, deflateOffers);
  }

  /** Opens one on a stream of a connection of HTTP/2 (RFC 8441). */
  static WebSocketClient openOn(
      Http2Socket http,
      TestServer server,
      String target,
      List<String> subprotocols,
      List<DeflateParameters> deflateOffers)
      throws IOException {
    ClientHandshake handshake = ClientHandshake.create(RANDOM, subprotocols, deflateOffers);
    String[] fields =
        handshake.connectHeaders().stream()
            .flatMap(h -> Stream.of(h.name().toLowerCase(Locale.ROOT), h.value()))
            .toArray(String[]::new);
    Http2Socket.Stream stream = http.connect(target, server.authority(), fields);
    HttpSocket.Head head = stream.head();
    return switch (handshake.verifyConnect(
        head.status(), name -> head.field(name).map(List::of).orElse(List.of()))) {
      case ClientHandshake.Outcome.Established established ->
          new WebSocketClient(stream, head, established);
      case ClientHandshake.Outcome.Failed failed ->
          throw new IOException(
              head.status()
                  + ": "
                  + failed.rule()
                  + " "
                  + new String(stream.input().readAllBytes(), UTF_8));
    };
  }

  private static WebSocketClient open(
      HttpSocket http,
      InetSocketAddress address,
      String target,
      List<String> subprotocols,
      String fields,
      List<DeflateParameters> deflateOffers)
      throws IOException {
    ClientHandshake handshake = ClientHandshake.create(RANDOM, subprotocols, deflateOffers);
    StringBuilder lines = new StringBuilder(fields);
    handshake
        .headers()
        .forEach(h -> lines.append(h.name()).append(": ").append(h.value()).append("\r\n"));
    String authority = address.getHostString() + ":" + address.getPort();
    http.send(HttpSocket.request(authority, "GET", target, lines.toString(), ""));
    HttpSocket.Head head = http.head();
    return switch (handshake.verify(
        head.status(), name -> head.field(name).map(List::of).orElse(List.of()))) {
      case ClientHandshake.Outcome.Established established ->
          new WebSocketClient(http, head, established);
      case ClientHandshake.Outcome.Failed failed -> {
        String body = head.status() == 101 ? "" : new String(http.body(head).readAllBytes(), UTF_8);
        http.close();
        throw new IOException(head.status() + ": " + failed.rule() + " " + body);
      }
    };
  }

  HttpSocket.Head head() {
    return head;
  }

  Optional<String> subprotocol() {
    return subprotocol;
  }

  /** What was agreed on. */
  Optional<DeflateParameters> deflate() {
    return deflate;
  }

  /** How many bytes have come, frames' headers included. */
  long received() {
    return received;
  }

  /** How many bytes the protocol has sent, frames' headers included. */
  long sent() {
    return sent;
  }

  /** How many pings {@link #receive} has answered. */
  int pings() {
    return pings;
  }

  /** Waits for the next message or the end; answers pings, which are no reason to wait longer. */
  Message receive() throws IOException {
    long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
    while (true) {
      Event event = protocol.receive(input);
      Optional<Message> message =
          switch (event) {
            case NEED_INPUT -> fill(deadline);
            case TEXT -> Optional.of(new Message.Text(new String(payload(), UTF_8)));
            case BINARY -> Optional.of(new Message.Binary(ByteBuffer.wrap(payload())));
            case PING -> {
              pings++;
              yield Optional.empty();
            }
            case PONG -> Optional.empty();
            case TEXT_PART, BINARY_PART -> throw new AssertionError(event);
            case CLOSE, FAILURE ->
                Optional.of(new Message.Closed(protocol.closeCode(), protocol.closeReason()));
          };
      reply();
      if (message.isPresent()) {
        return message.get();
      }
    }
  }

  /** The next message, which must be text. */
  String receiveText() throws IOException {
    return switch (receive()) {
      case Message.Text text -> text.text();
      case Message.Binary binary -> throw new AssertionError(binary);
      case Message.Closed closed -> throw new AssertionError(closed);
    };
  }

  void send(String text) throws IOException {
    ByteBuffer payload = ByteBuffer.wrap(text.getBytes(UTF_8));
    send(protocol.messageLength(payload.remaining()), (to, out) -> to.writeText(payload, out));
  }

  void send(byte[] payload) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(payload);
    send(protocol.messageLength(payload.length), (to, out) -> to.writeBinary(bytes, out));
  }

  /** Sends what the protocol writes. */
  void send(int most, BiConsumer<WebSocketProtocol, ByteBuffer> frames) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(most);
    frames.accept(protocol, out);
    http.send(Arrays.copyOf(out.array(), out.position()));
    sent += out.position();
  }

  /** Sends bytes past the protocol. */
  void sendRaw(byte[] frame) throws IOException {
    http.send(frame);
  }

  void sendClose(int code, String reason) throws IOException {
    send(WebSocketProtocol.MAX_CONTROL_LENGTH, (to, out) -> to.writeClose(code, reason, out));
  }

  /** Takes away the limit to how long the server may be silent. */
  void waitForEver() throws IOException {
    patient = true;
    http.waitForEver();
  }

  /** Waits until the server ends the connection, whatever it still sends. */
  void drain() throws IOException {
    http.input().transferTo(OutputStream.nullOutputStream());
  }

  /** Whether the server ends the connection without a further byte. */
  boolean ends() throws IOException {
    return http.ends();
  }

  /** Ends the connection without a close frame. */
  @Override
  public void close() throws IOException {
    http.close();
  }

  private Optional<Message> fill(long deadline) throws IOException {
    if (!patient && System.nanoTime() - deadline > 0) {
      throw new SocketTimeoutException("No message within " + TestServer.PATIENCE);
    }
    int count = http.input().read(bytes);
    if (count < 0) {
      return Optional.of(new Message.Closed(CloseCode.ABNORMAL, ""));
    }
    received += count;
    input = ByteBuffer.wrap(bytes, 0, count);
    return Optional.empty();
  }

  private byte[] payload() {
    byte[] payload = new byte[protocol.payloadLength()];
    protocol.payload().get(payload);
    return payload;
  }

  private void reply() throws IOException {
    if (protocol.replyLength() > 0) {
      send(protocol.replyLength(), WebSocketProtocol::writeReply);
    }
  }
}
