package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page's server. */
@Timeout(60)
class PageTest {
  private final TapLog log = new TapLog(4, 1 << 20);
  private TapPage page;

  @BeforeEach
  void start() throws IOException {
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    page = TapPage.start(anywhere, log, () -> 77);
  }

  @AfterEach
  void end() {
    page.close();
  }

  private Socket get(String path, String fields) throws IOException {
    Socket socket = new Socket(page.address().getAddress(), page.address().getPort());
    String request = "GET " + path + " HTTP/1.1\r\n" + fields + "Connection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(UTF_8));
    return socket;
  }

  private String whole(String path, String fields) throws IOException {
    try (Socket socket = get(path, fields)) {
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private String host() {
    return "Host: 127.0.0.1:" + page.address().getPort() + "\r\n";
  }

  @Test
  void thePageAndItsPartsAreServedAndNothingElse() throws IOException {
    assertThat(whole("/", host()))
        .startsWith("HTTP/1.1 200 ")
        .containsIgnoringCase("content-security-policy: default-src 'none'")
        .contains("<title>halley tap</title>");
    for (String part : new String[] {"main.js", "frame.js", "i18n.js", "style.css", "icon.svg"}) {
      assertThat(whole("/" + part, host())).startsWith("HTTP/1.1 200 ");
    }
    assertThat(whole("/PageServer.class", host())).startsWith("HTTP/1.1 404 ");
    assertThat(whole("/../module-info.class", host())).startsWith("HTTP/1.1 404 ");
  }

  @ParameterizedTest
  @CsvSource({
    "Host: tap.example.org, 403",
    "Host: tap.example.org:9001, 403",
    "Host: localhost.example.org, 403",
    "Host: localhost, 200",
    "Host: [::1]:9001, 200",
    "Host: 127.0.0.1|Origin: http://evil.example, 403",
    "Host: 127.0.0.1|Origin: null, 403",
    "Host: 127.0.0.1|Origin: http://127.0.0.1, 200",
  })
  void aNameThatADnsServerCouldPointHereIsRefusedAsIsAnotherOrigin(String fields, int status)
      throws IOException {
    assertThat(whole("/", fields.replace("|", "\r\n") + "\r\n"))
        .startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void eventsComeAsTheyHappenAndALateViewerIsToldWhatItMissed() throws IOException {
    for (int i = 1; i <= 6; i++) {
      log.append(new TapEvent.Opened(i, i, "client", "server"));
    }
    try (Socket first = get("/events", host());
        BufferedReader lines = lines(first)) {
      JsonNode events = JsonMapper.shared().readTree(data(lines, "id: "));
      assertThat(events).hasSize(4);
      assertThat(events.get(0).get("connection").intValue()).isEqualTo(3);
      assertThat(data(lines, "event: totals")).isEqualTo("[6,6,0,77,0]");
      log.append(new TapEvent.Notice(7, 7, Direction.TO_SERVER, "</script>", List.of()));
      JsonNode next = JsonMapper.shared().readTree(data(lines, "id: "));
      assertThat(next.get(0).get("text").stringValue()).isEqualTo("</script>");
    }
  }

  @Test
  void aViewerThatComesBackGoesOnWhereItWas() throws IOException {
    log.append(new TapEvent.Opened(1, 1, "client", "server"));
    String id;
    try (Socket first = get("/events", host());
        BufferedReader lines = lines(first)) {
      id = await(lines, "id: ").substring(4);
    }
    for (int i = 2; i <= 9; i++) {
      log.append(new TapEvent.Opened(i, i, "client", "server"));
    }
    try (Socket second = get("/events", host() + "Last-Event-ID: " + id + "\r\n");
        BufferedReader lines = lines(second)) {
      assertThat(data(lines, "event: gap")).isEqualTo("4");
      assertThat(data(lines, "id: ")).startsWith("[{\"seq\":5,\"connection\":6,");
    }
  }

  private static BufferedReader lines(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
  }

  private static String await(BufferedReader lines, String start) throws IOException {
    List<String> before = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(start)) {
        return line;
      }
      before.add(line);
    }
    throw new AssertionError(start + " is not in " + before);
  }

  private static String data(BufferedReader lines, String start) throws IOException {
    await(lines, start);
    return lines.readLine().substring("data: ".length());
  }
}
