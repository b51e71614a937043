package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The application of docs/hooks.md, as it stands there, in Node.js. */
class HooksIT {
  private static final Pattern EXAMPLE = Pattern.compile("```js\n(.*?)```", Pattern.DOTALL);
  private static final String SECRET = "a secret of no less than thirty-two bytes";
  private static final String ANN = "Cookie: session=s3cret\r\n";
  private static final String TEXT = "Content-Type: text/plain\r\n";

  private static Process start() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Tool.docs().resolve("hooks.md")));
    assertThat(example.find()).isTrue();
    Path file = Files.writeString(Tool.build().resolve("hooks-example.mjs"), example.group(1));
    return Tool.start(
        Tool.build(),
        List.of("env", "PORT=0", "HALLEY_HOOKS_SECRET=" + SECRET, "node", file.toString()));
  }

  private static URI url(Process process) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    return URI.create("http://127.0.0.1:" + lines.readLine() + "/halley");
  }

  private static int get(TestServer server, String channel, String fields) throws IOException {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/" + channel, fields, ""));
      return http.head().status();
    }
  }

  @Test
  void theExampleDecides() throws Exception {
    Process process = start();
    try {
      HooksConfig hooks = HooksConfig.of(url(process));
      try (TestServer server =
          TestServer.start(TestServer.config().withHooks(hooks.withSecret(SECRET)))) {
        for (String transport : List.of("", "Accept: text/event-stream\r\n")) {
          assertThat(get(server, "news", transport)).isEqualTo(403);
          assertThat(get(server, "news", transport + ANN)).isEqualTo(200);
          assertThat(get(server, "user.ann", transport + ANN)).isEqualTo(200);
          assertThat(get(server, "user.bob", transport + ANN)).isEqualTo(403);
        }
        assertThat(HttpSocket.post(server, "/channels/user.ann", ANN + TEXT, "x").status())
            .isEqualTo(201);
        assertThat(HttpSocket.post(server, "/channels/news", ANN + TEXT, "x").status())
            .isEqualTo(403);
        try (WebSocketClient client =
            WebSocketClient.open(server, "/channels/news", HalleyV1Listener.SUBPROTOCOL, ANN)) {
          assertThat(client.receiveText()).contains("subscribed");
          client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"user.bob\"}");
          assertThat(client.receiveText()).contains("\"code\":403");
        }
      }
      // Signed with another secret, or not at all, nobody is answered.
      for (HooksConfig other : List.of(hooks, hooks.withSecret(SECRET + "."))) {
        try (TestServer server = TestServer.start(TestServer.config().withHooks(other))) {
          assertThat(get(server, "news", ANN)).isEqualTo(503);
        }
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
