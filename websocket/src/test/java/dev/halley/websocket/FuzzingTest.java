package dev.halley.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What strangers send, in all the forms that a fuzzer thinks of: only documented outcomes, and the
 * same however the input is cut. Ordinary runs go through the seeds; {@code src/test/sh/fuzz} looks
 * for more.
 */
class FuzzingTest {
  private static final int MESSAGE_LIMIT = 70_000;
  private static final MessageLimits LIMITS = new MessageLimits(66_000, MESSAGE_LIMIT);
  private static final Set<Integer> FAILURES =
      Set.of(CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_PAYLOAD, CloseCode.MESSAGE_TOO_BIG);

  // ---- frames ----

  private enum Deflate {
    NONE,
    SHARED,
    CONTEXT
  }

  @FuzzTest
  void frames(FuzzedDataProvider data) {
    Side side = data.consumeBoolean() ? Side.SERVER : Side.CLIENT;
    Deflate deflate = data.pickValue(Deflate.values());
    boolean inParts = data.consumeBoolean();
    long cuts = data.consumeLong();
    byte[] wire = data.consumeRemainingAsBytes();
    List<String> whole =
        received(protocol(side, deflate, inParts), wire, new Random(0), wire.length);
    List<String> cut = received(protocol(side, deflate, inParts), wire, new Random(cuts), 40);
    assertThat(cut).isEqualTo(whole);
  }

  private static WebSocketProtocol protocol(Side side, Deflate deflate, boolean inParts) {
    ProtocolOptions options = ProtocolOptions.of(LIMITS);
    if (deflate != Deflate.NONE) {
      DeflateParameters parameters =
          deflate == Deflate.SHARED
              ? DeflateParameters.NO_CONTEXT_TAKEOVER
              : DeflateParameters.CONTEXT_TAKEOVER;
      options = options.withCompression(new Compression(parameters, new DeflatePool(1), 1));
    }
    return Peer.of(side, inParts ? options.receivingInParts() : options).protocol;
  }

  /**
   * What happened; of a message in parts the whole, because where it is cut depends on the input.
   */
  private static List<String> received(
      WebSocketProtocol protocol, byte[] wire, Random random, int most) {
    List<String> happened = new ArrayList<>();
    StringBuilder parts = new StringBuilder();
    ByteBuffer out = ByteBuffer.allocate(WebSocketProtocol.MAX_CONTROL_LENGTH);
    for (int from = 0; from < wire.length; ) {
      int to = Math.min(wire.length, from + 1 + random.nextInt(Math.max(1, most)));
      ByteBuffer input = ByteBuffer.wrap(wire.clone(), from, to - from);
      for (Event event = protocol.receive(input);
          event != Event.NEED_INPUT;
          event = protocol.receive(input)) {
        describe(event, protocol, happened, parts);
        assertThat(protocol.replyLength()).isLessThanOrEqualTo(out.capacity());
        protocol.writeReply(out.clear());
      }
      assertThat(input.hasRemaining()).isFalse();
      from = to;
    }
    protocol.release();
    return happened;
  }

  private static void describe(
      Event event, WebSocketProtocol protocol, List<String> happened, StringBuilder parts) {
    assertThat(protocol.payloadLength()).isBetween(0, MESSAGE_LIMIT);
    byte[] payload = new byte[protocol.payloadLength()];
    protocol.payload().get(payload);
    switch (event) {
      case NEED_INPUT -> throw new AssertionError();
      case TEXT_PART, BINARY_PART -> parts.append(HexFormat.of().formatHex(payload));
      case TEXT, BINARY -> {
        happened.add(event + " " + parts + HexFormat.of().formatHex(payload));
        parts.setLength(0);
      }
      case PING, PONG -> {
        assertThat(payload.length).isLessThanOrEqualTo(125);
        happened.add(event + " " + HexFormat.of().formatHex(payload));
      }
      case CLOSE -> {
        assertThat(protocol.closeCode())
            .matches(it -> it == CloseCode.NO_STATUS || CloseCode.isValidOnWire(it));
        happened.add("CLOSE " + protocol.closeCode() + protocol.closeReason());
      }
      case FAILURE -> {
        assertThat(protocol.closeCode()).isIn(FAILURES);
        // Where the data are neither DEFLATE nor, as far as they go, UTF-8, it depends on the cuts
        // which is seen first; the code is the same for both.
        String reason =
            protocol.closeCode() == CloseCode.INVALID_PAYLOAD ? "" : protocol.closeReason();
        happened.add("FAILURE " + protocol.closeCode() + reason);
      }
    }
  }

  // ---- inflating ----

  @FuzzTest
  void inflater(FuzzedDataProvider data) {
    int most = data.consumeInt(1, 100_000);
    byte[] compressed = data.consumeRemainingAsBytes();
    Optional<byte[]> expected =
        compressed.length > 0 ? inflated(compressed, most) : Optional.empty();
    MessageInflater inflater = new DeflatePool(1).inflater();
    try {
      Optional<ByteBuffer> inflated =
          inflater.message(ByteBuffer.wrap(compressed), most, MessageMemory.UNBOUNDED, 0);
      inflated.ifPresent(it -> assertThat(it.position()).isLessThanOrEqualTo(most));
      expected.ifPresent(
          bytesOfZlib -> {
            ByteBuffer whole = inflated.orElseThrow();
            byte[] bytes = new byte[whole.position()];
            whole.get(0, bytes);
            assertThat(bytes).isEqualTo(bytesOfZlib);
          });
    } catch (DataFormatException e) {
      assertThat(expected).isEmpty();
    } finally {
      inflater.release();
    }
  }

  /** By the JDK alone; empty if it is no single stream, or larger than allowed. */
  private static Optional<byte[]> inflated(byte[] compressed, int most) {
    byte[] tail = {0, 0, (byte) 0xff, (byte) 0xff};
    byte[] input = Arrays.copyOf(compressed, compressed.length + tail.length);
    System.arraycopy(tail, 0, input, compressed.length, tail.length);
    Inflater inflater = new Inflater(true);
    inflater.setInput(input);
    byte[] output = new byte[most + 1];
    try {
      int length = 0;
      int more = 1;
      while (more > 0 && length <= most) {
        more = inflater.inflate(output, length, output.length - length);
        length += more;
      }
      return length <= most && inflater.getRemaining() == 0 && !inflater.finished()
          ? Optional.of(Arrays.copyOf(output, length))
          : Optional.empty();
    } catch (DataFormatException e) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }

  // ---- handshakes ----

  @FuzzTest
  void serverHandshake(FuzzedDataProvider data) {
    boolean connect = data.consumeBoolean();
    boolean deflate = data.consumeBoolean();
    String method = data.consumeBoolean() ? (connect ? "CONNECT" : "GET") : data.consumeString(10);
    String third =
        data.consumeBoolean() ? (connect ? "websocket" : "HTTP/1.1") : data.consumeString(10);
    Fields fields = fields(data);
    Optional<DeflateParameters> wanted =
        deflate ? Optional.of(DeflateParameters.CONTEXT_TAKEOVER) : Optional.empty();
    List<String> subprotocols = List.of("chat", "halley.v1");
    HandshakeOutcome outcome =
        connect
            ? ServerHandshake.acceptConnect(method, third, fields, subprotocols, wanted)
            : ServerHandshake.accept(method, third, fields, subprotocols, wanted);
    switch (outcome) {
      case HandshakeOutcome.Accepted accepted -> {
        assertThat(accepted.status()).isEqualTo(connect ? 200 : 101);
        assertThat(accepted.subprotocol())
            .matches(it -> it.isEmpty() || subprotocols.contains(it.get()));
        assertThat(accepted.deflate().isPresent() && !deflate).isFalse();
        accepted.headers().forEach(it -> assertThat(it.value()).doesNotContain("\r", "\n"));
      }
      case HandshakeOutcome.Rejected rejected -> {
        assertThat(rejected.status()).isIn(400, 405, 426, 501, 505);
        assertThat(rejected.reason()).isNotBlank();
      }
    }
  }

  @FuzzTest
  void clientHandshake(FuzzedDataProvider data) {
    List<DeflateParameters> offers =
        data.consumeBoolean()
            ? List.of(
                new DeflateParameters(true, false, 12, 11), DeflateParameters.CONTEXT_TAKEOVER)
            : List.of();
    ClientHandshake handshake =
        ClientHandshake.create(new Random(0), List.of("chat", "halley.v1"), offers);
    boolean connect = data.consumeBoolean();
    int status = data.pickValue(new int[] {101, 200, 404, 0});
    Fields fields = fields(data);
    if (data.consumeBoolean()) {
      fields.with("Upgrade", "websocket").with("Connection", "upgrade");
      String key =
          handshake.headers().stream()
              .filter(it -> it.name().equals("Sec-WebSocket-Key"))
              .findFirst()
              .orElseThrow()
              .value();
      fields.with("Sec-WebSocket-Accept", Handshake.acceptFor(key));
    }
    ClientHandshake.Outcome outcome =
        connect ? handshake.verifyConnect(status, fields) : handshake.verify(status, fields);
    switch (outcome) {
      case ClientHandshake.Outcome.Established it -> {
        assertThat(status).isEqualTo(connect ? 200 : 101);
        assertThat(it.deflate().isPresent() && offers.isEmpty()).isFalse();
        it.deflate().ifPresent(agreed -> assertThat(agreed.clientMaxWindowBits()).isBetween(8, 15));
      }
      case ClientHandshake.Outcome.Failed it -> assertThat(it.rule()).isNotBlank();
    }
  }

  private static Fields fields(FuzzedDataProvider data) {
    Fields fields = data.consumeBoolean() ? Fields.request() : new Fields();
    String[] names = {
      "Host",
      "Upgrade",
      "Connection",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Version",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
      "Sec-WebSocket-Accept"
    };
    for (int count = data.consumeInt(0, 4); count > 0; count--) {
      String name = data.pickValue(names);
      String[] lines = new String[data.consumeInt(0, 2)];
      for (int i = 0; i < lines.length; i++) {
        lines[i] = data.consumeString(80);
      }
      fields.with(name, lines);
    }
    return fields;
  }

  @FuzzTest
  void extensionHeader(FuzzedDataProvider data) {
    String line = data.consumeRemainingAsString();
    Optional<List<ExtensionOffer>> parsed = HeaderValues.extensions(List.of(line));
    parsed.ifPresent(
        elements -> {
          for (ExtensionOffer element : elements) {
            assertThat(HeaderValues.isToken(element.name())).isTrue();
            Set<String> names = new HashSet<>();
            for (ExtensionOffer.Param param : element.params()) {
              names.add(param.name());
              assertThat(HeaderValues.isToken(param.name())).isTrue();
              param.value().ifPresent(it -> assertThat(HeaderValues.isToken(it)).isTrue());
            }
            DeflateOffer.parse(element)
                .ifPresent(
                    offer -> {
                      assertThat(names).hasSameSizeAs(element.params());
                      assertThat(reparsed(offer)).contains(offer);
                    });
          }
        });
  }

  private static Optional<DeflateOffer> reparsed(DeflateOffer offer) {
    return HeaderValues.extensions(List.of(offer.toString()))
        .flatMap(it -> DeflateOffer.parse(it.getFirst()));
  }

  // ---- text ----

  @FuzzTest
  void utf8(FuzzedDataProvider data) {
    long cuts = data.consumeLong();
    byte[] bytes = data.consumeRemainingAsBytes();
    boolean valid;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      valid = true;
    } catch (CharacterCodingException e) {
      valid = false;
    }
    assertThat(Utf8Validator.isValid(ByteBuffer.wrap(bytes))).isEqualTo(valid);
    Random random = new Random(cuts);
    int state = Utf8Validator.COMPLETE;
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + 1 + random.nextInt(20));
      state = Utf8Validator.advance(state, buffer, from, to);
      from = to;
    }
    assertThat(state == Utf8Validator.COMPLETE).as(new String(bytes, ISO_8859_1)).isEqualTo(valid);
  }
}
