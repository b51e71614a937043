package dev.halley.benchmarks.servers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/** From the start of a process to its first connection, and to the first WebSocket on that. */
final class StartTimer {
  private static final int PATIENCE_MILLIS = 10_000;

  private StartTimer() {}

  static Sample measure(Contestant contestant, List<String> pinning, Path log) throws IOException {
    long start = System.nanoTime();
    try (RunningServer server = RunningServer.launch(contestant, pinning, log);
        Socket socket = server.firstConnection()) {
      double accepted = (System.nanoTime() - start) / 1e6;
      socket.setSoTimeout(PATIENCE_MILLIS);
      String target = contestant.channel().apply("start");
      String request = request(target, server.address().getPort());
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      String answer = head(socket.getInputStream());
      double open = (System.nanoTime() - start) / 1e6;
      return answer.startsWith("HTTP/1.1 101")
          ? new Sample(List.of(accepted, open), List.of())
          : Sample.failed(
              "the first answer is not a 101: " + answer.lines().findFirst().orElse(""));
    }
  }

  private static String request(String target, int port) {
    return """
        GET %s HTTP/1.1\r
        Host: 127.0.0.1:%d\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r
        """
        .formatted(target, port);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }
}
