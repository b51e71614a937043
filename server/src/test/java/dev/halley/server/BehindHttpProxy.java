package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.FrontProxy.Kind;
import dev.halley.server.app.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same behind a proxy that sees requests, and not bytes alone: none is smuggled past it. */
abstract class BehindHttpProxy extends BehindProxy {
  private static final String SMUGGLED =
      "POST /app/smuggled HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.66\r\n"
          + "Content-Length: 3\r\n\r\nbad";

  BehindHttpProxy(Kind kind) {
    super(kind);
  }

  /** Heads' further lines, and bodies, that a proxy and a server might understand differently. */
  static List<String> ambiguous() {
    String chunkedSmuggled = "0\r\n\r\n" + SMUGGLED;
    int whole = chunkedSmuggled.length();
    List<String> all = new ArrayList<>();
    // CL.TE, TE.CL and their disguises
    for (String coding :
        List.of(
            "Transfer-Encoding: chunked",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding:\tchunked",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: identity, chunked",
            "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
            "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding:\r\n chunked",
            "X: y\nTransfer-Encoding: chunked",
            "X: y\rTransfer-Encoding: chunked",
            "\u000bTransfer-Encoding: chunked",
            "Transfer-Encoding: \u000bchunked",
            "Transfer_Encoding: chunked",
            "transfer-encoding: CHUNKED")) {
      all.add("Content-Length: " + whole + "\r\n" + coding + "\r\n\r\n" + chunkedSmuggled);
      all.add(coding + "\r\nContent-Length: 5\r\n\r\n" + chunkedSmuggled);
      all.add(
          coding
              + "\r\nContent-Length: 4\r\n\r\n"
              + Integer.toHexString(SMUGGLED.length())
              + "\r\n"
              + SMUGGLED
              + "\r\n0\r\n\r\n");
    }
    // Content-Length
    for (String length :
        List.of(
            "Content-Length: 0\r\nContent-Length: " + SMUGGLED.length(),
            "Content-Length: " + SMUGGLED.length() + "\r\nContent-Length: 0",
            "Content-Length: 0, " + SMUGGLED.length(),
            "Content-Length: " + SMUGGLED.length() + ", 0",
            "Content-Length: +" + SMUGGLED.length(),
            "Content-Length: 0x0",
            "Content-Length : " + SMUGGLED.length(),
            "Content-Length\t: " + SMUGGLED.length(),
            " Content-Length: " + SMUGGLED.length(),
            "X: y\nContent-Length: " + SMUGGLED.length(),
            "Content-Length: " + SMUGGLED.length() + "\u000b",
            "Content-Length: \u000b0",
            "Content-Length: 0 0",
            "Content-Length: -0",
            "Content-Length: 18446744073709551616")) {
      all.add(length + "\r\n\r\n" + SMUGGLED);
    }
    // chunks
    int size = SMUGGLED.length();
    String hex = Integer.toHexString(size);
    for (String body :
        List.of(
            "0;x=\r\n\r\n" + SMUGGLED,
            "0;\n\r\n" + SMUGGLED,
            "0\n\n" + SMUGGLED,
            "0\r\r" + SMUGGLED,
            "00000000000000000000\r\n\r\n" + SMUGGLED,
            "0x0\r\n\r\n" + SMUGGLED,
            " 0\r\n\r\n" + SMUGGLED,
            "0 \r\n\r\n" + SMUGGLED,
            "-0\r\n\r\n" + SMUGGLED,
            "+0\r\n\r\n" + SMUGGLED,
            "\r\n" + SMUGGLED,
            "100000000" + hex + "\r\n" + SMUGGLED + "\r\n0\r\n\r\n",
            hex + ";a\n" + SMUGGLED + "\r\n0\r\n\r\n",
            "2;\n\nab\r\n0\r\n\r\n" + SMUGGLED,
            "2\r\nabXX0\r\n\r\n" + SMUGGLED,
            "1\r\na\n0\r\n\r\n" + SMUGGLED,
            "0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n" + SMUGGLED,
            "0\r\nX: y\n\n" + SMUGGLED)) {
      all.add("Transfer-Encoding: chunked\r\n\r\n" + body);
    }
    // the end of the head
    all.add("X: y\n\n" + SMUGGLED);
    all.add("X: y\n\r\n" + SMUGGLED);
    all.add("X: y\r\n\n" + SMUGGLED);
    all.add("X: y\r\r" + SMUGGLED);
    all.add("Expect: 100-continue\r\nContent-Length: 0\r\n\r\n" + SMUGGLED);
    all.add(
        "Upgrade: websocket\r\nConnection: Upgrade, Content-Length\r\nContent-Length: "
            + size
            + "\r\n\r\n"
            + SMUGGLED);
    all.add(
        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n" + chunkedSmuggled);
    return all;
  }

  /**
   * Each request that the proxy sees gets its mark. One that the server sees without it, or that
   * answers somebody else's, was smuggled past the proxy.
   */
  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
  void nothingIsSmuggledPastTheProxy(String version) throws Exception {
    for (String rest : ambiguous()) {
      seen.clear();
      try (Raw raw = Raw.connect(proxy, CLIENT)) {
        raw.send("POST /app/first " + version + "\r\nHost: " + server.authority() + "\r\n" + rest);
        raw.endsOrIsSilent(Duration.ofMillis(40));
      }
      for (int i = 0; i < 3; i++) {
        HttpSocket.Answer answer = HttpSocket.get(server, "/app/" + i, "");
        assertThat(answer.body()).as("after %s", rest).isEqualTo(i + " of 127.0.0.1");
      }
      for (Request request : seen) {
        assertThat(request.remoteAddress().getAddress().getHostAddress())
            .as("%s %s after %s", request.method(), request.path(), rest)
            .isIn(CLIENT, "127.0.0.1");
        String hops = request.header("X-Forwarded-For").orElse("none");
        assertThat(hops)
            .as("%s %s after %s", request.method(), request.path(), rest)
            .endsWith(request.path().matches("/app/[0-9]") ? "127.0.0.1" : CLIENT);
      }
    }
  }
}
