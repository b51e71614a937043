package dev.halley.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLSocket;

/**
 * One HTTP/2 connection by hand, used by one thread: sends whatever it is given, and sorts what
 * comes by streams while one of them is waited for.
 */
final class Http2Socket implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;

  static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  private static final int LARGE = 1 << 30;
  private static final int WINDOW = 65_535;

  /** As it came. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Frame(int type, int flags, int stream, byte[] payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    /** The error of a GOAWAY or a RST_STREAM. */
    int error() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final Http2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final Map<Integer, Stream> streams = new HashMap<>();
  private int nextStream = 1;
  private Optional<Frame> goAway = Optional.empty();
  private int pongs;
  private int unacknowledged;

  private Http2Socket(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Math.toIntExact(TestServer.PATIENCE.toMillis()));
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 << 10));
    out = socket.getOutputStream();
  }

  /** With TLS and ALPN, or in the clear with prior knowledge, as the server has it. */
  static Http2Socket connect(TestServer server) throws IOException {
    Socket socket;
    if (server.isSecure()) {
      SSLSocket tls = Trusting.connect(server.address(), "h2");
      if (!tls.getApplicationProtocol().equals("h2")) {
        throw new IOException("The server speaks " + tls.getApplicationProtocol());
      }
      socket = tls;
    } else {
      socket = new Socket(server.address().getAddress(), server.address().getPort());
    }
    Http2Socket http = new Http2Socket(socket);
    http.out.write(PREFACE);
    http.send(SETTINGS, 0, 0, new byte[0]);
    http.sendWindow(0, LARGE);
    return http;
  }

  // ---- what is sent ----

  void send(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.putInt((payload.length << 8) | type).put((byte) flags).putInt(stream).put(payload);
    out.write(frame.array());
    out.flush();
  }

  private void sendWindow(int stream, int more) throws IOException {
    send(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(more).array());
  }

  /** A request that begins a stream; its body, if it has one, follows. */
  Stream request(String method, String path, String authority, boolean end, String... fields)
      throws IOException {
    return begin(
        end,
        concat(
            new String[] {
              ":method", method, ":scheme", "https", ":path", path, ":authority", authority
            },
            fields));
  }

  /** A GET without further fields. */
  Stream get(TestServer server, String target) throws IOException {
    return request("GET", target, server.authority(), true);
  }

  /** An extended CONNECT (RFC 8441). */
  Stream connect(String path, String authority, String... fields) throws IOException {
    return begin(
        false,
        concat(
            new String[] {
              ":method",
              "CONNECT",
              ":protocol",
              "websocket",
              ":scheme",
              "https",
              ":path",
              path,
              ":authority",
              authority
            },
            fields));
  }

  /** A request with these fields and no others. */
  Stream begin(boolean end, String... fields) throws IOException {
    return begin(end, block(fields));
  }

  Stream begin(boolean end, byte[] block) throws IOException {
    Stream stream = new Stream(nextStream);
    streams.put(nextStream, stream);
    nextStream += 2;
    send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream.id, block);
    return stream;
  }

  /** Fields as literals that neither side remembers (RFC 7541 section 6.2.2). */
  static byte[] block(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      literal(block, fields[i]);
      literal(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    int left = bytes.length;
    if (left < 127) {
      block.write(left);
    } else {
      block.write(127);
      for (left -= 127; left >= 128; left >>= 7) {
        block.write((left & 0x7f) | 0x80);
      }
      block.write(left);
    }
    block.writeBytes(bytes);
  }

  private static String[] concat(String[] a, String[] b) {
    return java.util.stream.Stream.of(List.of(a), List.of(b))
        .flatMap(List::stream)
        .toArray(String[]::new);
  }

  // ---- what comes ----

  /** Reads the next frame, whatever it is, and answers what must be answered. */
  Frame next() throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = new byte[lengthAndType >>> 8];
    in.readFully(payload);
    Frame frame = new Frame(lengthAndType & 0xff, flags, stream, payload);
    switch (frame.type()) {
      case SETTINGS -> {
        if (!frame.has(ACK)) {
          send(SETTINGS, ACK, 0, new byte[0]);
        }
      }
      case PING -> {
        if (frame.has(ACK)) {
          pongs++;
        } else {
          send(PING, ACK, 0, payload);
        }
      }
      case GOAWAY -> goAway = Optional.of(frame);
      case DATA -> {
        unacknowledged += payload.length;
        if (unacknowledged > LARGE / 2) {
          sendWindow(0, unacknowledged);
          unacknowledged = 0;
        }
        stream(frame).take(frame);
      }
      case HEADERS, RST_STREAM -> stream(frame).take(frame);
      default -> {}
    }
    return frame;
  }

  private Stream stream(Frame frame) {
    return Optional.ofNullable(streams.get(frame.stream())).orElseThrow();
  }

  /** Waits for the server's settings; the value of one of them. */
  int setting(int identifier) throws IOException {
    Frame frame = next();
    while (frame.type() != SETTINGS || frame.has(ACK)) {
      frame = next();
    }
    ByteBuffer settings = ByteBuffer.wrap(frame.payload());
    while (settings.hasRemaining()) {
      int found = settings.getShort();
      int value = settings.getInt();
      if (found == identifier) {
        return value;
      }
    }
    throw new AssertionError("There is no setting " + identifier);
  }

  /** Waits for the end of the connection; the error that the server gave, if it gave one. */
  Optional<Integer> awaitEnd() throws IOException {
    try {
      while (true) {
        next();
      }
    } catch (EOFException | SocketException e) {
      return goAway.map(Frame::error);
    }
  }

  /** Pings and waits for the answer: all that was sent before has been read. */
  void roundTrip() throws IOException {
    int before = pongs;
    send(PING, 0, 0, new byte[8]);
    while (pongs == before) {
      next();
    }
  }

  Optional<Frame> goAway() {
    return goAway;
  }

  @Override
  public void close() throws IOException {
    Trusting.hangUp(socket);
  }

  /** One stream. What it is sent is queued; only what is read is given back to its window. */
  final class Stream implements Wire {
    private final int id;
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private byte[] current = new byte[0];
    private int at;
    private Optional<HttpSocket.Head> head = Optional.empty();
    private boolean ended;
    private Optional<Integer> reset = Optional.empty();
    private long arrived;
    private int unacknowledged;

    Stream(int id) {
      this.id = id;
    }

    int id() {
      return id;
    }

    private void take(Frame frame) throws IOException {
      ended |= frame.type() != RST_STREAM && frame.has(END_STREAM);
      switch (frame.type()) {
        case DATA -> {
          arrived += frame.payload().length;
          queue.add(frame.payload());
        }
        case HEADERS -> head = Optional.of(decode(frame));
        default -> reset = Optional.of(frame.error());
      }
    }

    /** How many bytes have come, read or not. */
    long arrived() {
      return arrived;
    }

    /** Waits for the head of the answer. */
    HttpSocket.Head head() throws IOException {
      while (head.isEmpty() || head.get().status() < 200) {
        if (reset.isPresent()) {
          throw new IOException("Reset with error " + reset.get());
        }
        next();
      }
      return head.get();
    }

    HttpSocket.Head anyHead() throws IOException {
      while (head.isEmpty()) {
        next();
      }
      return head.get();
    }

    HttpSocket.Answer answer() throws IOException {
      HttpSocket.Head whole = head();
      return new HttpSocket.Answer(
          whole, new String(input().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    }

    /** What follows a good head, to read while it comes. */
    InputStream body() throws IOException {
      HttpSocket.Head good = head();
      if (good.status() != 200 || good.field("transfer-encoding").isPresent()) {
        throw new IOException("Not the head of a stream: " + good);
      }
      return input();
    }

    /** Waits until the stream is reset; the error. */
    int awaitReset() throws IOException {
      while (reset.isEmpty()) {
        next();
      }
      return reset.get();
    }

    @Override
    public void send(byte[] bytes) throws IOException {
      for (int from = 0; from < bytes.length; from += 16 << 10) {
        int length = Math.min(bytes.length - from, 16 << 10);
        byte[] part = new byte[length];
        System.arraycopy(bytes, from, part, 0, length);
        Http2Socket.this.send(DATA, 0, id, part);
      }
    }

    void end() throws IOException {
      Http2Socket.this.send(DATA, END_STREAM, id, new byte[0]);
    }

    void reset(int error) throws IOException {
      Http2Socket.this.send(RST_STREAM, 0, id, ByteBuffer.allocate(4).putInt(error).array());
    }

    @Override
    public InputStream input() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          while (at == current.length) {
            if (!queue.isEmpty()) {
              current = queue.remove();
              at = 0;
              unacknowledged += current.length;
              if (unacknowledged > WINDOW / 2 && !ended) {
                sendWindow(id, unacknowledged);
                unacknowledged = 0;
              }
            } else if (ended || reset.isPresent()) {
              return -1;
            } else {
              Http2Socket.this.next();
            }
          }
          int count = Math.min(length, current.length - at);
          System.arraycopy(current, at, into, offset, count);
          at += count;
          return count;
        }
      };
    }

    @Override
    public boolean ends() throws IOException {
      try {
        return input().read() < 0;
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException reset) {
        return true;
      }
    }

    @Override
    public void waitForEver() throws IOException {
      socket.setSoTimeout(0);
    }

    /** Ends the connection. */
    @Override
    public void close() throws IOException {
      socket.close();
    }

    private HttpSocket.Head decode(Frame frame) throws IOException {
      if (!frame.has(END_HEADERS)) {
        throw new IOException("An answer's head fits into a frame");
      }
      ByteBuf block = Unpooled.wrappedBuffer(frame.payload());
      try {
        Http2Headers fields = decoder.decodeHeaders(id, block);
        Map<String, String> byName = new TreeMap<>();
        fields.forEach(
            field ->
                byName.merge(
                    field.getKey().toString(),
                    field.getValue().toString(),
                    (a, b) -> a + ", " + b));
        return new HttpSocket.Head(Integer.parseInt(byName.remove(":status")), byName);
      } catch (Http2Exception e) {
        throw new IOException(e);
      } finally {
        block.release();
      }
    }
  }
}
