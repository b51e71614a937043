package dev.halley.cli.chaos;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which HTTP/1.1 and WebSocket frames are written by hand. Used by one thread. */
final class Wire implements AutoCloseable {
  static final int TEXT = 1;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /**
   * An answer.
   *
   * @param fields by their names in lower case
   */
  record Answer(int status, Map<String, String> fields, String body) {
    String field(String name) throws IOException {
      String value = fields.get(name);
      if (value == null) {
        throw new IOException("an answer has no " + name);
      }
      return value;
    }
  }

  /**
   * Connects.
   *
   * @param patienceMillis the longest that a read may wait, and that connecting may take
   */
  Wire(InetSocketAddress server, int patienceMillis) throws IOException {
    this(new Socket(), server, patienceMillis);
  }

  Wire(Socket socket, InetSocketAddress server, int patienceMillis) throws IOException {
    this.socket = socket;
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(patienceMillis);
      socket.connect(server, patienceMillis);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 8192));
      out = socket.getOutputStream();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  void patience(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /** Sends bytes, one for each character. */
  void send(String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Sends a request without a body; the fields end with CR LF each. */
  void get(String target, String fields) throws IOException {
    send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
  }

  /** Sends a request with a body; the fields end with CR LF each. */
  void post(String target, String fields, String body) throws IOException {
    String length = "Content-Length: " + body.length() + "\r\n";
    send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + length + "\r\n" + body);
  }

  /** Asks for the upgrade to a WebSocket; the fields end with CR LF each. */
  void upgrade(String target, String fields) throws IOException {
    get(
        target,
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + fields);
  }

  /** Reads an answer with its body. */
  Answer answer() throws IOException {
    Answer head = head();
    String length = head.fields().get("content-length");
    byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
    return new Answer(head.status(), head.fields(), new String(body, ISO_8859_1));
  }

  /** Reads the head of an answer; what follows it stays. */
  Answer head() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("this is no answer: " + status);
    }
    Map<String, String> fields = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IOException("this is no field: " + line);
      }
      fields.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(status.substring(9, 12)), fields, "");
  }

  /** Reads to the end of a line. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
      line.append((char) next);
    }
    int length = line.length();
    return line.substring(0, length > 0 && line.charAt(length - 1) == '\r' ? length - 1 : length);
  }

  /** The head of a frame of a client, whose masking key is zero. */
  static byte[] frame(int first, long length) {
    ByteBuffer head = ByteBuffer.allocate(14).put((byte) (0x80 | first));
    if (length < 126) {
      head.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      head.put((byte) 0xfe).putShort((short) length);
    } else {
      head.put((byte) 0xff).putLong(length);
    }
    head.putInt(0).flip();
    byte[] bytes = new byte[head.remaining()];
    head.get(bytes);
    return bytes;
  }

  /** Sends a message of one frame. */
  void text(String message) throws IOException {
    send(frame(TEXT, message.length()));
    send(message);
  }

  /** Reads the next text message, or a ping, which it answers: that is no text. */
  String text() throws IOException {
    int opcode = in.readUnsignedByte() & 15;
    int length = in.readUnsignedByte();
    long size = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
    byte[] payload = in.readNBytes(Math.toIntExact(size));
    return switch (opcode) {
      case TEXT -> new String(payload, ISO_8859_1);
      case PING -> {
        send(frame(PONG, payload.length));
        send(payload);
        yield "";
      }
      default ->
          throw new IOException(
              "a frame of opcode " + opcode + (payload.length < 2 ? "" : ": " + closing(payload)));
    };
  }

  private static String closing(byte[] payload) {
    int code = (payload[0] & 255) << 8 | (payload[1] & 255);
    return code + " " + new String(payload, 2, payload.length - 2, ISO_8859_1);
  }

  /** Reads and drops all until the peer closes, or until the patience is over. */
  void drain() throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (SocketTimeoutException e) {
      // as long as it was meant to
    }
  }

  /** Says that nothing more will be sent. */
  void halfClose() throws IOException {
    socket.shutdownOutput();
  }

  /** Goes with a reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
