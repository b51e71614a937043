package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;

/** Polls, a long poll, an event stream and two WebSockets, with all there is on them. */
final class MixedTraffic {
  static final int[] LENGTHS = {0, 1, 125, 126, 127, 1000, 65_535, 65_536, 200_000};

  private static final String UPGRADE =
      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n";

  private final InetSocketAddress tap;
  private final ServerSocket server;
  private final Random random = new Random(42);
  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

  MixedTraffic(InetSocketAddress tap, ServerSocket server) {
    this.tap = tap;
    this.server = server;
  }

  /** Both ends of one connection. */
  private record Ends(Socket client, Socket accepted) implements AutoCloseable {
    /** What one end sends has arrived at the other when this returns: so the order is known. */
    void up(byte[] bytes) throws IOException {
      move(client, accepted, bytes);
    }

    void down(byte[] bytes) throws IOException {
      move(accepted, client, bytes);
    }

    private static void move(Socket from, Socket to, byte[] bytes) throws IOException {
      Thread sender = Thread.ofVirtual().start(() -> send(from, bytes));
      new DataInputStream(to.getInputStream()).readFully(new byte[bytes.length]);
      try {
        sender.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void send(Socket socket, byte[] bytes) {
      try {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() throws IOException {
      accepted.shutdownOutput();
      client.getInputStream().readAllBytes();
      client.shutdownOutput();
      accepted.getInputStream().readAllBytes();
      client.close();
      accepted.close();
    }
  }

  private Ends connect() throws IOException {
    Socket client = new Socket(tap.getAddress(), tap.getPort());
    return new Ends(client, server.accept());
  }

  void run() throws IOException {
    http();
    eventStream();
    webSocket(false);
    webSocket(true);
    deflater.end();
  }

  /** A request that can be looked for. */
  void mark(String path) throws IOException {
    try (Ends ends = connect()) {
      ends.up(("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(UTF_8));
      ends.down("HTTP/1.1 204 No Content\r\n\r\n".getBytes(UTF_8));
    }
  }

  private void http() throws IOException {
    try (Ends ends = connect()) {
      ends.up("GET /channels/chat HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(UTF_8));
      ends.down("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[1,2]".getBytes(UTF_8));
      ends.up(
          "GET /channels/chat?wait=30 HTTP/1.1\r\nHost: h\r\nCookie: a=b\r\n\r\n".getBytes(UTF_8));
      ends.down(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
              .getBytes(UTF_8));
      byte[] head =
          "POST /channels/chat HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"
              .getBytes(UTF_8);
      ends.up(join(head, new byte[100_000]));
      ends.down("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n".getBytes(UTF_8));
    }
  }

  private void eventStream() throws IOException {
    try (Ends ends = connect()) {
      ends.up("GET /events HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(UTF_8));
      ends.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".getBytes(UTF_8));
      ends.down("id: 1\ndata: one\n\n".getBytes(UTF_8));
      ends.down(": heartbeat\n\nid: 2\nevent: gap\ndata: two\n\n".getBytes(UTF_8));
    }
  }

  private void webSocket(boolean withErrors) throws IOException {
    try (Ends ends = connect()) {
      ends.up(
          ("GET /socket HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  + UPGRADE
                  + "\r\n")
              .getBytes(UTF_8));
      ends.down(
          ("HTTP/1.1 101 Switching Protocols\r\n"
                  + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                  + UPGRADE
                  + "\r\n")
              .getBytes(UTF_8));
      if (withErrors) {
        errors(ends);
      } else {
        frames(ends);
      }
      ends.up(frame(0x88, true, new byte[] {3, (byte) 0xe8, 'b', 'y', 'e'}));
      ends.down(frame(0x88, false, new byte[] {3, (byte) 0xe8}));
    }
  }

  private void frames(Ends ends) throws IOException {
    for (int length : LENGTHS) {
      byte[] payload = new byte[length];
      random.nextBytes(payload);
      ends.up(frame(0x82, true, payload));
      ends.down(frame(0x82, false, payload));
    }
    ends.up(
        join(
            frame(0x81, true, "one ☄".getBytes(UTF_8)),
            frame(0x81, true, "two".getBytes(UTF_8)),
            frame(0x89, true, "ping".getBytes(UTF_8))));
    ends.down(frame(0x8a, false, "ping".getBytes(UTF_8)));
    ends.down(
        join(
            frame(0x01, false, "frag".getBytes(UTF_8)),
            frame(0x89, false, new byte[0]),
            frame(0x00, false, "men".getBytes(UTF_8)),
            frame(0x80, false, "ted".getBytes(UTF_8))));
    ends.up(frame(0xc1, true, deflated("compressed ".repeat(50))));
    ends.down(frame(0xc1, false, deflated("compressed once ".repeat(50))));
    ends.down(frame(0xc1, false, deflated("compressed again ".repeat(50))));
  }

  private void errors(Ends ends) throws IOException {
    ends.up(frame(0x81, false, "not masked".getBytes(UTF_8)));
    ends.down(frame(0x81, true, "masked".getBytes(UTF_8)));
    ends.up(frame(0x83, true, "reserved".getBytes(UTF_8)));
    ends.up(frame(0xa1, true, "RSV2".getBytes(UTF_8)));
    ends.down(frame(0x80, false, "continues nothing".getBytes(UTF_8)));
    ends.down(new byte[] {(byte) 0x82, 126, 0, 1, 7});
    ends.down(frame(0x81, false, new byte[] {(byte) 0xff}));
  }

  private byte[] deflated(String text) {
    byte[] out = new byte[1000];
    deflater.reset();
    deflater.setInput(text.getBytes(UTF_8));
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(out, length - 4);
  }

  private byte[] frame(int first, boolean masked, byte[] payload) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = payload.length;
    int mask = masked ? 0x80 : 0;
    out.write(first);
    if (length < 126) {
      out.write(mask | length);
    } else if (length < 65_536) {
      out.write(new byte[] {(byte) (mask | 126), (byte) (length >>> 8), (byte) length});
    } else {
      out.write(mask | 127);
      out.write(new byte[] {0, 0, 0, 0, 0, (byte) (length >>> 16)});
      out.write(new byte[] {(byte) (length >>> 8), (byte) length});
    }
    byte[] body = payload.clone();
    if (masked) {
      byte[] key = new byte[4];
      random.nextBytes(key);
      out.write(key);
      for (int i = 0; i < length; i++) {
        body[i] ^= key[i % 4];
      }
    }
    out.write(body);
    return out.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
