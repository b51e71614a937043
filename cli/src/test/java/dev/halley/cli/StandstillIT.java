package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that was stopped for longer than it lets others be silent. */
@Timeout(120)
class StandstillIT {
  private static final Pattern LISTENING = Pattern.compile("listening on http://(\\S+) after .*");

  private static final byte[] PING = {(byte) 0x89, 0};

  /** What a WebSocket hears. */
  private static final class Ear implements WebSocket.Listener {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      heard.add(text.toString());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add("closed " + code);
      return null;
    }
  }

  @Test
  void nobodyIsTakenForSilentBecauseTheServerStoodStill() throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/kill")), "kill(1) stops a process");
    Process server = serve("1s", "3s");
    try (HttpClient http = HttpClient.newHttpClient();
        BufferedReader out = server.inputReader(UTF_8)) {
      String channel = address(out) + "/channels/a";
      Ear ear = new Ear();
      http.newWebSocketBuilder().buildAsync(URI.create("ws://" + channel), ear).get();

      signal("-STOP", server);
      // Longer than the time for which a client may be silent.
      assertThat(server.waitFor(6, TimeUnit.SECONDS)).isFalse();
      signal("-CONT", server);
      // Longer than it takes to ask, and to judge.
      assertThat(server.waitFor(2, TimeUnit.SECONDS)).isFalse();

      HttpRequest publish =
          HttpRequest.newBuilder(URI.create("http://" + channel))
              .header("Content-Type", "text/plain")
              .POST(BodyPublishers.ofString("still here"))
              .build();
      assertThat(http.send(publish, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
      assertThat(ear.heard.poll(20, TimeUnit.SECONDS)).isEqualTo("still here");
      // Otherwise its end waits for that of the WebSocket.
      http.shutdownNow();
    } finally {
      server.destroyForcibly();
    }
  }

  /** As when the machine of both was suspended. */
  @Test
  void aClientThatWasAskedBeforeIsAskedOnceMore() throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/kill")), "kill(1) stops a process");
    Process server = serve("3s", "9s");
    try (BufferedReader out = server.inputReader(UTF_8)) {
      URI address = URI.create("http://" + address(out));
      try (Socket socket = new Socket(address.getHost(), address.getPort())) {
        socket.setSoTimeout(30_000);
        socket
            .getOutputStream()
            .write(
                ("GET /channels/a HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    .getBytes(UTF_8));
        InputStream in = socket.getInputStream();
        String head = "";
        while (!head.endsWith("\r\n\r\n")) {
          head += (char) in.read();
        }
        assertThat(head).startsWith("HTTP/1.1 101 ");
        assertThat(in.readNBytes(2)).as("the first ping").containsExactly(PING);
        assertThat(in.readNBytes(2)).as("the last before the end").containsExactly(PING);

        signal("-STOP", server);
        assertThat(server.waitFor(6, TimeUnit.SECONDS)).isFalse();
        signal("-CONT", server);

        assertThat(in.readNBytes(2)).as("once more").containsExactly(PING);
      }
    } finally {
      server.destroyForcibly();
    }
  }

  private static Process serve(String heartbeat, String silence) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            Path.of("target/halley/halley.jar").toAbsolutePath().toString(),
            "serve",
            "--port",
            "0",
            "--heartbeat",
            heartbeat,
            "--silence-timeout",
            silence)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String address(BufferedReader out) throws IOException {
    Matcher line = LISTENING.matcher(out.readLine());
    assertThat(line.matches()).isTrue();
    return line.group(1);
  }

  private static void signal(String signal, Process process) throws Exception {
    Process kill =
        new ProcessBuilder(List.of("/bin/kill", signal, Long.toString(process.pid()))).start();
    assertThat(kill.waitFor()).isZero();
  }
}
