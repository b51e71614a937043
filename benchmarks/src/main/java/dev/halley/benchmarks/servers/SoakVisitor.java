package dev.halley.benchmarks.servers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Someone who listens to a channel, leaves and comes back with a position, and must get each of its
 * numbers once and in order. Used by one thread.
 */
final class SoakVisitor {
  /** How it listens. */
  enum Way {
    WEBSOCKET,
    EVENTS,
    POLL
  }

  /** How a publication ends that is the last one. */
  static final String END = "end";

  private static final int PATIENCE_MILLIS = 30_000;
  private static final Pattern POLLED = Pattern.compile("\"data\":\"([^\"]*)\"");
  private static final Pattern CURSOR =
      Pattern.compile(".*\"position\":\"([^\"]+)\"", Pattern.DOTALL);
  private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};
  private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0};

  private final InetSocketAddress server;
  private final String channel;
  private final AtomicLong deliveries;
  private String position = "latest";
  private long next = -1;
  private boolean isDone;

  SoakVisitor(InetSocketAddress server, String channel, AtomicLong deliveries) {
    this.server = server;
    this.channel = channel;
    this.deliveries = deliveries;
  }

  /** Whether it got the last one. */
  boolean isDone() {
    return isDone;
  }

  /**
   * Comes, listens until then, or until it is done, and goes.
   *
   * @param isRude whether it goes with a reset
   * @throws IOException also if a message was lost, doubled or out of order
   */
  void visit(Way way, long untilNanos, boolean isRude) throws IOException {
    try (Socket socket = connect()) {
      DataInputStream in = input(socket);
      OutputStream out = socket.getOutputStream();
      switch (way) {
        case WEBSOCKET -> {
          webSocket(in, out, untilNanos);
          if (!isRude) {
            out.write(CLOSE);
            in.transferTo(OutputStream.nullOutputStream());
          }
        }
        case EVENTS -> events(in, out, untilNanos);
        case POLL -> {
          while (!isOver(untilNanos)) {
            poll(in, out, 2);
          }
        }
      }
      if (isRude) {
        socket.setSoLinger(true, 0);
      }
    }
  }

  /** Publishes the end of it on a channel that nobody else uses, and polls it. */
  void publishAndPoll() throws IOException {
    position = "earliest";
    try (Socket socket = connect()) {
      DataInputStream in = input(socket);
      publish(in, socket.getOutputStream(), channel, "0 " + END, channel);
      poll(in, socket.getOutputStream(), 0);
    }
    if (!isDone) {
      throw new IOException("what was published on a new channel isn't there");
    }
  }

  /** Publishes by POST. */
  static void publish(DataInputStream in, OutputStream out, String channel, String text, String key)
      throws IOException {
    String head =
        "POST /channels/%s HTTP/1.1\r\nHost: soak\r\nContent-Type: text/plain\r\n"
                .formatted(channel)
            + "Idempotency-Key: %s\r\nContent-Length: %d\r\n\r\n".formatted(key, text.length());
    out.write((head + text).getBytes(ISO_8859_1));
    String answer = head(in, "201");
    in.skipNBytes(Integer.parseInt(field(answer, "content-length")));
  }

  /** Asks for what the server counts, as a monitor does. */
  void scrape() throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              "GET /metrics HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\r\n"
                  .getBytes(ISO_8859_1));
      DataInputStream in = input(socket);
      head(in, "200");
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(server);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  static DataInputStream input(Socket socket) throws IOException {
    return new DataInputStream(new BufferedInputStream(socket.getInputStream(), 2048));
  }

  private boolean isOver(long untilNanos) {
    return isDone || System.nanoTime() - untilNanos > 0;
  }

  private void request(OutputStream out, String query, String fields) throws IOException {
    String head =
        "GET /channels/%s?since=%s%s HTTP/1.1\r\nHost: soak\r\n%s\r\n"
            .formatted(channel, position, query, fields);
    out.write(head.getBytes(ISO_8859_1));
  }

  private static String head(DataInputStream in, String status) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
      head.append((char) in.readUnsignedByte());
    }
    if (!head.substring(9).startsWith(status)) {
      throw new IOException("not a " + status + " but " + head.substring(0, head.indexOf("\r")));
    }
    return head.toString();
  }

  private static String field(String head, String name) throws IOException {
    for (String line : head.lines().toList()) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    throw new IOException("an answer has no " + name);
  }

  private void webSocket(DataInputStream in, OutputStream out, long untilNanos) throws IOException {
    request(
        out,
        "",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    position = field(head(in, "101"), "halley-position");
    while (!isOver(untilNanos)) {
      int opcode = in.readUnsignedByte() & 15;
      int length = in.readUnsignedByte();
      byte[] payload = in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
      switch (opcode) {
        case 1 -> {
          message(new String(payload, ISO_8859_1));
          int colon = position.lastIndexOf(':') + 1;
          long number = Long.parseLong(position, colon, position.length(), 10) + 1;
          position = position.substring(0, colon) + number;
        }
        case 9 -> out.write(PONG);
        default -> throw new IOException("the server sent a frame of opcode " + opcode);
      }
    }
  }

  private void events(DataInputStream in, OutputStream out, long untilNanos) throws IOException {
    request(out, "", "Accept: text/event-stream\r\n");
    head(in, "200");
    StringBuilder line = new StringBuilder();
    String cursor = position;
    while (!isOver(untilNanos)) {
      line.setLength(0);
      for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
        line.append((char) next);
      }
      // Lines of the chunks around the events are neither.
      if (line.indexOf("id:") == 0) {
        cursor = line.substring(3).strip();
        if (position.equals("latest")) {
          position = cursor;
        }
      } else if (line.indexOf("data:") == 0) {
        message(line.substring(5).strip());
        position = cursor;
      } else if (line.indexOf("event:") == 0) {
        throw new IOException("the server sent an " + line);
      }
    }
  }

  private void poll(DataInputStream in, OutputStream out, int wait) throws IOException {
    request(out, "&wait=" + wait, "");
    String length = field(head(in, "200"), "content-length");
    String answer = new String(in.readNBytes(Integer.parseInt(length)), ISO_8859_1);
    if (!answer.contains("\"gap\":false")) {
      throw new IOException("a poll has a gap");
    }
    Matcher data = POLLED.matcher(answer);
    while (data.find()) {
      message(data.group(1));
    }
    Matcher cursor = CURSOR.matcher(answer);
    if (cursor.find()) {
      position = cursor.group(1);
    }
  }

  private void message(String text) throws IOException {
    int space = text.indexOf(' ');
    long number = Long.parseLong(text, 0, space, 10);
    if (next >= 0 && number != next) {
      throw new IOException("got message %d instead of %d".formatted(number, next));
    }
    next = number + 1;
    isDone = text.endsWith(END);
    deliveries.incrementAndGet();
  }
}
