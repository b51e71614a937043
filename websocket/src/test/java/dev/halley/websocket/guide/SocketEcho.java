package dev.halley.websocket.guide;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.halley.websocket.CloseCode;
import dev.halley.websocket.HandshakeOutcome;
import dev.halley.websocket.Header;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ServerHandshake;
import dev.halley.websocket.WebSocketProtocol;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A server that sends every message back, on one blocking socket and its thread. */
final class SocketEcho {
  private final InputStream in;
  private final OutputStream out;

  SocketEcho(Socket socket) throws IOException {
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  void run() throws IOException {
    List<String> head = readHead();
    String[] requestLine = head.getFirst().split(" ", 3);
    HandshakeOutcome outcome =
        ServerHandshake.accept(
            requestLine[0], requestLine[2], name -> valuesOf(head, name), List.of());
    switch (outcome) {
      case HandshakeOutcome.Accepted accepted -> {
        writeHead("101 Switching Protocols", accepted.headers());
        serve(WebSocketProtocol.server(new MessageLimits(1 << 20, 1 << 20)));
      }
      case HandshakeOutcome.Rejected rejected ->
          writeHead(rejected.status() + " " + rejected.reason(), rejected.headers());
    }
  }

  private void serve(WebSocketProtocol protocol) throws IOException {
    byte[] bytes = new byte[8192];
    while (!protocol.shouldCloseTransport()) {
      int count = in.read(bytes);
      if (count < 0) {
        return; // the peer is gone: 1006, for whoever asks
      }
      ByteBuffer input = ByteBuffer.wrap(bytes, 0, count);
      boolean more = true;
      while (more) {
        switch (protocol.receive(input)) {
          case NEED_INPUT -> more = false;
          case TEXT -> send(protocol, true);
          case BINARY -> send(protocol, false);
          case PING, CLOSE, FAILURE -> reply(protocol); // a pong, or the close frame
          case PONG -> {}
          case TEXT_PART, BINARY_PART -> throw new AssertionError("only if asked for");
        }
      }
      out.flush();
    }
  }

  private void send(WebSocketProtocol protocol, boolean text) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(protocol.messageLength(protocol.payloadLength()));
    if (text) {
      protocol.writeText(protocol.payload(), frame);
    } else {
      protocol.writeBinary(protocol.payload(), frame);
    }
    out.write(frame.array(), 0, frame.position());
  }

  private void reply(WebSocketProtocol protocol) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(protocol.replyLength());
    protocol.writeReply(frame);
    out.write(frame.array());
  }

  /** Says good-bye first; the peer's close frame is then still to be read. */
  void close(WebSocketProtocol protocol) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(WebSocketProtocol.MAX_CONTROL_LENGTH);
    protocol.writeClose(CloseCode.GOING_AWAY, "bye", frame);
    out.write(frame.array(), 0, frame.position());
  }

  // ---- HTTP, as little as it takes ----

  private List<String> readHead() throws IOException {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && lines.size() < 100; b = in.read()) {
      if (b == '\n') {
        String text = line.toString().strip();
        if (text.isEmpty()) {
          return lines;
        }
        lines.add(text);
        line.setLength(0);
      } else if (line.length() < 8192) {
        line.append((char) b);
      }
    }
    throw new IOException("No request");
  }

  private static List<String> valuesOf(List<String> head, String name) {
    return head.stream()
        .skip(1)
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }

  private void writeHead(String status, List<Header> headers) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
    headers.forEach(it -> head.append(it.name()).append(": ").append(it.value()).append("\r\n"));
    out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
    out.flush();
  }
}
