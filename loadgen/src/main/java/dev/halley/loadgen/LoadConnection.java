package dev.halley.loadgen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.halley.websocket.ClientHandshake;
import dev.halley.websocket.WebSocketProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket. What a turn of the loop sends goes out in one write; what the socket doesn't take
 * waits here, and {@link #hasRoom} says when that is too much.
 */
final class LoadConnection {
  private static final int LARGEST_HEAD = 16 << 10;
  private static final int MOST_WAITING = 1 << 20;

  private final LoadLoop loop;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final ConnectionHandler handler;
  private final IntSupplier maskKeys;
  private @Nullable ClientHandshake handshake;
  private @Nullable WebSocketProtocol protocol;
  private @Nullable ByteBuffer waiting;
  private StringBuilder head = new StringBuilder();
  private String position = "";
  private boolean isReading = true;

  LoadConnection(
      LoadLoop loop,
      SocketChannel channel,
      SelectionKey key,
      ConnectionHandler handler,
      ClientHandshake handshake,
      IntSupplier maskKeys) {
    this.loop = loop;
    this.channel = channel;
    this.key = key;
    this.handler = handler;
    this.handshake = handshake;
    this.maskKeys = maskKeys;
  }

  /** What the server's {@code Halley-Position} said; empty if it said nothing. */
  String position() {
    return position;
  }

  /** Whether another message may be sent now. */
  boolean hasRoom() {
    return protocol != null && (waiting == null || waiting.position() < MOST_WAITING);
  }

  /** Sends a binary message at the end of this turn. */
  void send(ByteBuffer payload) throws IOException {
    WebSocketProtocol open = protocol;
    if (open == null || !open.canSend()) {
      return;
    }
    int length = open.messageLength(payload.remaining());
    open.writeBinary(payload, room(length));
    loop.willFlush(this);
  }

  /** Leaves without a word; nobody is told. */
  void drop() throws IOException {
    key.cancel();
    channel.close();
  }

  // ---- for the loop ----

  void connected(String request) throws IOException {
    channel.finishConnect();
    key.interestOps(SelectionKey.OP_READ);
    byte[] bytes = request.getBytes(ISO_8859_1);
    room(bytes.length).put(bytes);
    flush();
  }

  void lost(String why) throws IOException {
    drop();
    handler.onLost(this, why);
  }

  /** Takes what has been read. */
  void received(ByteBuffer input) throws IOException {
    if (protocol == null && !readHead(input)) {
      return;
    }
    WebSocketProtocol open = protocol;
    while (open != null && key.isValid()) {
      switch (open.receive(input)) {
        case NEED_INPUT -> {
          return;
        }
        case TEXT, BINARY -> handler.onMessage(this, open.payload());
        case PING -> {
          open.writeReply(room(open.replyLength()));
          loop.willFlush(this);
        }
        case PONG, TEXT_PART, BINARY_PART -> {}
        case CLOSE -> lost("the server closed with " + open.closeCode() + " " + open.closeReason());
        case FAILURE -> lost("the server broke the protocol: " + open.closeReason());
      }
    }
  }

  /** Writes what waits, as far as the socket takes it. */
  void flush() throws IOException {
    ByteBuffer out = waiting;
    if (out == null || !key.isValid()) {
      return;
    }
    out.flip();
    channel.write(out);
    out.compact();
    if (out.position() == 0) {
      waiting = null;
      loop.giveBack(out);
    }
    setInterest();
  }

  /** Whether it shall take what the server sends, which waits in the sockets otherwise. */
  void read(boolean wanted) {
    isReading = wanted;
    if (key.isValid()) {
      setInterest();
    }
  }

  private void setInterest() {
    int reading = isReading ? SelectionKey.OP_READ : 0;
    key.interestOps(waiting == null ? reading : reading | SelectionKey.OP_WRITE);
  }

  SocketChannel channel() {
    return channel;
  }

  private ByteBuffer room(int length) {
    ByteBuffer out = waiting == null ? loop.takeBuffer() : waiting;
    if (out.remaining() < length) {
      ByteBuffer larger =
          ByteBuffer.allocateDirect(Math.max(2 * out.capacity(), out.position() + length));
      out = larger.put(out.flip());
    }
    waiting = out;
    return out;
  }

  private boolean readHead(ByteBuffer input) throws IOException {
    while (input.hasRemaining()) {
      head.append((char) (input.get() & 0xff));
      if (head.length() > LARGEST_HEAD) {
        lost("the head of the server's answer is too large");
        return false;
      }
      if (head.length() >= 4 && head.indexOf("\r\n\r\n", head.length() - 4) >= 0) {
        return open(head.toString().lines().toList());
      }
    }
    return false;
  }

  private boolean open(List<String> lines) throws IOException {
    head = new StringBuilder(0);
    return switch (verify(lines)) {
      case ClientHandshake.Outcome.Established it -> {
        handshake = null;
        position = String.join("", valuesOf(lines, "Halley-Position"));
        protocol = WebSocketProtocol.client(loop.options(it.deflate()), maskKeys);
        handler.onOpen(this);
        yield true;
      }
      case ClientHandshake.Outcome.Failed it -> {
        lost(lines.getFirst() + ": " + it.rule());
        yield false;
      }
    };
  }

  private ClientHandshake.Outcome verify(List<String> lines) {
    String first = lines.getFirst();
    if (handshake == null || !first.matches("HTTP/1\\.1 \\d{3}( .*)?")) {
      return new ClientHandshake.Outcome.Failed("not an answer of HTTP/1.1");
    }
    int status = Integer.parseInt(first.substring(9, 12));
    return handshake.verify(status, name -> valuesOf(lines, name));
  }

  private static List<String> valuesOf(List<String> lines, String name) {
    List<String> values = new ArrayList<>();
    for (String line : lines) {
      if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
        values.add(line.substring(name.length() + 1).strip());
      }
    }
    return values;
  }
}
