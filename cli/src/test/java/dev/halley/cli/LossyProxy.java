package dev.halley.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hands one HTTP message per connection to a server, and swallows its first answers. */
final class LossyProxy implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private int toLose;

  /** A proxy that loses the first {@code toLose} answers. */
  LossyProxy(InetSocketAddress server, int toLose) throws IOException {
    this.server = server;
    this.toLose = toLose;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return HttpUrls.of((InetSocketAddress) listener.getLocalSocketAddress());
  }

  private void accept() {
    try {
      while (true) {
        try (Socket client = listener.accept();
            Socket upstream = new Socket(server.getAddress(), server.getPort())) {
          upstream.getOutputStream().write(readMessage(client.getInputStream()));
          byte[] answer = readMessage(upstream.getInputStream());
          if (toLose-- <= 0) {
            client.getOutputStream().write(answer);
          }
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static byte[] readMessage(InputStream in) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    String head = "";
    while (!head.endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      message.write(next);
      head = message.toString(ISO_8859_1);
    }
    Matcher length = LENGTH.matcher(head);
    if (length.find()) {
      message.write(in.readNBytes(Integer.parseInt(length.group(1))));
    }
    return message.toByteArray();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
