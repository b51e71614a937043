package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames, right and wrong, as somebody sees them who looks on. */
class FramesTest {
  private static final String DEFLATE = "permessage-deflate";

  @Test
  void theExamplesOfTheRfcAreRead() {
    assertThat(
            Seen.webSocket("")
                .serverHex("810548656c6c6f")
                .clientHex("818537fa213d7f9f4d5158")
                .serverHex("010348656c80026c6f")
                .serverHex("890548656c6c6f")
                .clientHex("8a8537fa213d7f9f4d5158")
                .serverHex("827e0100" + "ab".repeat(256))
                .serverHex("827f0000000000010000" + "61".repeat(65536))
                .frameLines())
        .containsExactly(
            "← text   fin 7 5 B \"Hello\"",
            "→ text   fin key=37fa213d 7 5 B \"Hello\"",
            "← text       7 3 B part 1 of text message 2 \"Hel\"",
            "← continuation fin 7 2 B part 2, the last, of text message 2 \"lo\"",
            "← ping   fin 7 5 B \"Hello\"",
            "→ pong   fin key=37fa213d 7 5 B \"Hello\"",
            "← binary fin 7+16 256 B " + "ab ".repeat(33) + "…",
            "← binary fin 7+64 65,536 B \"" + "a".repeat(100) + "…\"");
  }

  @Test
  void compressedMessagesAreInflatedWithContextAndInFragments() {
    assertThat(
            Seen.webSocket(DEFLATE)
                .serverHex("c107f248cdc9c90700")
                .serverHex("c105f200110000")
                .serverHex("4103f248cd8004c9c90700")
                .clientHex("c18700000000f248cdc9c90700")
                .frameLines())
        .containsExactly(
            "← text   fin rsv=100 7 7 B inflated to 5 B \"Hello\"",
            "← text   fin rsv=100 7 5 B inflated to 5 B \"Hello\"",
            "← text       rsv=100 7 3 B part 1 of text message 3 compressed",
            "← continuation fin 7 4 B part 2, the last, of text message 3 inflated to 5 B \"Hello\"",
            "→ text   fin rsv=100 key=00000000 7 7 B inflated to 5 B \"Hello\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          c100                   | Reserved bits must be 0 unless an extension gives them a meaning. RFC 6455 section 5.2
          8300                   | Reserved opcodes must not be used. RFC 6455 section 5.2
          8b00                   | Reserved opcodes must not be used. RFC 6455 section 5.2
          0900                   | Control frames must be final. RFC 6455 section 5.5
          897e007e00             | Control frames must not exceed 125 bytes of payload. RFC 6455 section 5.5
          8000                   | Continuation frames must continue a message that has begun. RFC 6455 section 5.4
          818000000000           | Server-sent frames must not be masked. RFC 6455 section 5.1
          817e000161             | Lengths must be sent in their shortest form. RFC 6455 section 5.2
          817f000000000000000161 | Lengths must be sent in their shortest form. RFC 6455 section 5.2
          817f8000000000000000   | The top bit of a 64-bit length must be 0. RFC 6455 section 5.2
          8101ff                 | Text messages must be UTF-8. RFC 6455 section 8.1
          8102e282               | Text messages must be UTF-8. RFC 6455 section 8.1
          880103                 | A close frame's payload must be empty or begin with two bytes. RFC 6455 section 5.5.1
          880203ed               | A close frame's code must be one that may be sent. RFC 6455 section 7.4
          880303e8ff             | A close frame's reason must be UTF-8. RFC 6455 section 5.5.1
          """)
  void aRuleThatIsBrokenIsNamedWithItsSection(String hex, String breach) {
    assertThat(Seen.webSocket("").serverHex(hex).frameLines()).contains("✗ " + breach);
  }

  @Test
  void readingGoesOnAfterWhatIsWrong() {
    assertThat(
            Seen.webSocket("")
                .clientHex("810161 8b00 0101ff 810162")
                .serverHex("818137fa213d56")
                .frameLines())
        .containsExactly(
            "→ text   fin 7 1 B \"a\"",
            "✗ Client-sent frames must be masked. RFC 6455 section 5.1",
            "→ reserved-b fin 7 0 B ",
            "✗ Reserved opcodes must not be used. RFC 6455 section 5.2",
            "✗ Client-sent frames must be masked. RFC 6455 section 5.1",
            "→ text       7 1 B part 1 of text message 2 ff",
            "✗ Client-sent frames must be masked. RFC 6455 section 5.1",
            "✗ Text messages must be UTF-8. RFC 6455 section 8.1",
            "→ text   fin 7 1 B \"b\"",
            "✗ Client-sent frames must be masked. RFC 6455 section 5.1",
            "✗ A message must not begin before the one before it has ended. RFC 6455 section 5.4",
            "← text   fin key=37fa213d 7 1 B \"a\"",
            "✗ Server-sent frames must not be masked. RFC 6455 section 5.1");
  }

  @Test
  void closeCodesHaveNamesAndNothingFollowsThem() {
    assertThat(
            Seen.webSocket("")
                .serverHex("880c03e9" + HexFormat.of().formatHex("the server".getBytes(UTF_8)))
                .serverHex("8900")
                .clientHex("888000000000")
                .frameLines())
        .containsExactly(
            "← close  fin 7 12 B 1001 (going away) \"the server\"",
            "← ping   fin 7 0 B ",
            "✗ No frame may follow a close frame. RFC 6455 section 5.5.1",
            "→ close  fin key=00000000 7 0 B 1005 (no status)");
  }

  @Test
  void whatCannotBeInflatedIsToldAndTheNextMessageIsReadWithoutContextTakeover() {
    String agreed = DEFLATE + "; server_no_context_takeover";
    assertThat(
            Seen.webSocket(agreed)
                .serverHex("c102ffff")
                .serverHex("c100")
                .serverHex("c107f248cdc9c90700")
                .frameLines())
        .containsExactly(
            "← text   fin rsv=100 7 2 B compressed",
            "✗ The payload of a compressed message must be DEFLATE data. RFC 7692 section 7.2.2",
            "← text   fin rsv=100 7 0 B compressed",
            "✗ The payload of a compressed message must be DEFLATE data. RFC 7692 section 7.2.2",
            "← text   fin rsv=100 7 7 B inflated to 5 B \"Hello\"");
  }

  @Test
  void aFrameThatIsCutByTheConnectionsEndIsIncomplete() {
    assertThat(Seen.webSocket("").serverHex("810548656c").frameLines())
        .containsExactly("← text   fin 7 5 B incomplete \"Hel\"");
  }

  @Test
  void framesThatComeBeforeTheAnswerAreFrames() {
    String request =
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    String response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    assertThat(Seen.of().client(request).clientHex("818100000000 61").server(response).frameLines())
        .containsExactly("→ text   fin key=00000000 7 1 B \"a\"");
  }

  @Test
  void whatIsLargeIsCutForDisplayAndCountedWhole() {
    byte[] text = "é".repeat(100_000).getBytes(UTF_8);
    List<TapEvent> events =
        Seen.webSocket("")
            .serverHex("817f" + "0000000000030d40" + HexFormat.of().formatHex(text))
            .events();

    TapEvent.Frame frame = (TapEvent.Frame) events.getLast();
    assertThat(frame.breaches()).isEmpty();
    assertThat(frame.payload().bytes()).hasSize(1024);
    assertThat(frame.payload().length()).isEqualTo(200_000);
  }

  @Test
  void tokensAreMaskedInPayloadsAndOnTheWireButLengthsStay() {
    byte[] frame = {(byte) 0x81, (byte) 0x8a, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    byte[] text = "token=abc&".getBytes(UTF_8);
    for (int i = 0; i < text.length; i++) {
      frame[6 + i] = (byte) (text[i] ^ frame[2 + i % 4]);
    }
    Seen seen = Seen.webSocket("").clientHex(HexFormat.of().formatHex(frame));

    assertThat(seen.frameLines())
        .containsExactly("→ text   fin key=01020304 7 10 B \"token=***&\"");
    byte[] wire = seen.onWire(Direction.TO_SERVER);
    for (int i = 0; i < 3; i++) {
      assertThat(wire[wire.length - 4 + i] ^ frame[2 + (6 + i) % 4]).isEqualTo('*');
    }
  }

  @Test
  void aTokenInACommandIsMasked() {
    for (String name : List.of("\"token\":", "\"Token\" : ", "\"totoken\":\t")) {
      String json = "{\"op\":\"refresh\"," + name + "\"abc.d-e.f_g\",\"id\":1}";
      Seen seen = Seen.webSocket("").clientHex(maskedText(json));
      assertThat(seen.frameLines().getLast())
          .contains("***********")
          .doesNotContain("abc.d-e.f_g")
          .contains("1}");
    }
    Seen other = Seen.webSocket("").clientHex(maskedText("{\"tokens\":\"abc\"}"));
    assertThat(other.frameLines().getLast()).contains("abc");
  }

  /** A text frame of a client, with the key 0. */
  private static String maskedText(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return "81"
        + String.format("%02x", 0x80 | bytes.length)
        + "00000000"
        + HexFormat.of().formatHex(bytes);
  }

  @Test
  void aBombIsNotInflatedWithoutBound() {
    Deflater deflater = new Deflater(9, true);
    byte[] out = new byte[1 << 20];
    deflater.setInput(new byte[300 << 20]);
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
    deflater.end();
    String hex = HexFormat.of().formatHex(out, 0, length);

    List<TapEvent> events =
        Seen.webSocket(DEFLATE)
            .serverHex("c27f" + String.format("%016x", length) + hex)
            .serverHex("820161")
            .events();

    TapEvent.Frame bomb = (TapEvent.Frame) events.get(events.size() - 2);
    assertThat(bomb.inflated()).isEmpty();
    assertThat(((TapEvent.Frame) events.getLast()).payload().text()).isEqualTo("a");
  }
}
