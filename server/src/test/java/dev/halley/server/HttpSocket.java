package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One HTTP/1.1 connection by hand: sends whatever it is given, reads answers. */
final class HttpSocket implements Wire {
  /** What asks for a WebSocket. */
  static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\n";

  /** Status and header fields, by lower-case name, several of one name joined by commas. */
  record Head(int status, Map<String, String> fields) {
    Optional<String> field(String name) {
      return Optional.ofNullable(fields.get(name.toLowerCase(Locale.ROOT)));
    }
  }

  /** A whole answer. */
  record Answer(Head head, String body) {
    int status() {
      return head.status();
    }

    Optional<String> field(String name) {
      return head.field(name);
    }
  }

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private HttpSocket(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Math.toIntExact(TestServer.PATIENCE.toMillis()));
    this.in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
    this.out = socket.getOutputStream();
  }

  static HttpSocket connect(TestServer server) throws IOException {
    return server.isSecure()
        ? new HttpSocket(Trusting.connect(server.address(), "http/1.1"))
        : connect(server.address());
  }

  static HttpSocket connect(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.connect(address);
    return new HttpSocket(socket);
  }

  /** One exchange on a connection of its own. */
  static Answer exchange(TestServer server, String request) throws IOException {
    try (HttpSocket http = connect(server)) {
      http.send(request);
      return http.answer();
    }
  }

  /** A GET without a body, with further header lines, each ended by CR LF. */
  static Answer get(TestServer server, String target, String fields) throws IOException {
    return exchange(server, request(server, "GET", target, fields, ""));
  }

  /** The status of the answer to such a GET; the rest isn't read. */
  static int status(TestServer server, String target, String fields) throws IOException {
    try (HttpSocket http = connect(server)) {
      http.send(request(server, "GET", target, fields, ""));
      return http.head().status();
    }
  }

  /** A POST of text. */
  static Answer post(TestServer server, String target, String fields, String body)
      throws IOException {
    return exchange(server, request(server, "POST", target, fields, body));
  }

  static String request(
      TestServer server, String method, String target, String fields, String body) {
    return request(server.authority(), method, target, fields, body);
  }

  static String request(
      String authority, String method, String target, String fields, String body) {
    int length = body.getBytes(UTF_8).length;
    String contentLength = body.isEmpty() ? "" : "Content-Length: " + length + "\r\n";
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: "
        + authority
        + "\r\n"
        + contentLength
        + fields
        + "\r\n"
        + body;
  }

  void send(String text) throws IOException {
    send(text.getBytes(UTF_8));
  }

  @Override
  public void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Sends no more; what was sent is read by the server to its end. */
  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public InputStream input() {
    return in;
  }

  Socket socket() {
    return socket;
  }

  Answer answer() throws IOException {
    Head head = head();
    return new Answer(head, new String(body(head).readAllBytes(), UTF_8));
  }

  Head head() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("Not a status line: " + status);
    }
    Map<String, String> fields = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      fields.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip(),
          (a, b) -> a + ", " + b);
    }
    return new Head(Integer.parseInt(status.substring(9, 12)), fields);
  }

  /** The body that follows {@code head}; without a length it ends with the connection. */
  InputStream body(Head head) {
    if (head.field("transfer-encoding").isPresent()) {
      return new Chunks();
    }
    if (head.status() == 304 || head.status() == 204) {
      return InputStream.nullInputStream();
    }
    return head.field("content-length")
        .<InputStream>map(length -> new Counted(Long.parseLong(length)))
        .orElse(in);
  }

  @Override
  public void waitForEver() throws IOException {
    socket.setSoTimeout(0);
  }

  @Override
  public boolean ends() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    Trusting.hangUp(socket);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("The connection ended after: " + line);
      }
      line.append((char) b);
    }
    int end = line.length() - 1;
    if (end < 0 || line.charAt(end) != '\r') {
      throw new IOException("A line without CR LF: " + line);
    }
    return line.substring(0, end);
  }

  /** Part of the connection's input. */
  private abstract static class Body extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] into, int offset, int length) throws IOException;
  }

  /** A body of a known length. */
  private final class Counted extends Body {
    private long left;

    Counted(long length) {
      left = length;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = in.read(into, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("The body is short of " + left + " bytes");
      }
      left -= count;
      return count;
    }
  }

  /** A chunked body (RFC 9112 section 7.1). */
  private final class Chunks extends Body {
    private boolean begun;
    private boolean ended;
    private long left;

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0 && !ended) {
        nextChunk();
      }
      if (ended) {
        return -1;
      }
      int count = in.read(into, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("A chunk is short of " + left + " bytes");
      }
      left -= count;
      return count;
    }

    private void nextChunk() throws IOException {
      if (begun && !line().isEmpty()) {
        throw new IOException("A chunk has no end");
      }
      begun = true;
      left = Long.parseLong(line(), 16);
      if (left == 0) {
        ended = true;
        if (!line().isEmpty()) {
          throw new IOException("Trailers were not expected");
        }
      }
    }
  }
}
