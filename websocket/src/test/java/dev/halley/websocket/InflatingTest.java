package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.halley.websocket.WebSocketProtocol.Event;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a receiver makes of compressed data, good and bad (RFC 7692 sections 6.2 and 7.2.2). */
class InflatingTest {
  /** How a receiver can be set up. */
  enum Kind {
    SHARED(true, false),
    CONTEXT(false, false),
    PARTS(true, true),
    CONTEXT_IN_PARTS(false, true);

    private final boolean noContextTakeover;
    private final boolean inParts;

    Kind(boolean noContextTakeover, boolean inParts) {
      this.noContextTakeover = noContextTakeover;
      this.inParts = inParts;
    }

    Peer client(MessageLimits limits) {
      DeflateParameters parameters =
          new DeflateParameters(noContextTakeover, noContextTakeover, 15, 15);
      ProtocolOptions options =
          ProtocolOptions.of(limits)
              .withCompression(new Compression(parameters, new DeflatePool(6), 1));
      return Peer.of(Side.CLIENT, inParts ? options.receivingInParts() : options);
    }

    Peer client() {
      return client(Peer.LIMITS);
    }
  }

  private static void receives(Peer client, String frames, String text) {
    client.payloads.clear();
    client.receive(Side.CLIENT.received(frames.split(", ")));
    assertThat(client.events.getLast()).isEqualTo(Event.TEXT);
    assertThat(client.protocol.canSend()).isTrue();
    StringBuilder received = new StringBuilder();
    client.payloads.forEach(part -> received.append(new String(part, StandardCharsets.UTF_8)));
    assertThat(received.toString()).isEqualTo(text);
  }

  private static void failsWith(Peer client, int code, String reason) {
    assertThat(client.events.getLast()).isEqualTo(Event.FAILURE);
    assertThat(client.protocol.closeCode()).isEqualTo(code);
    assertThat(client.protocol.closeReason()).isEqualTo(reason);
    client.protocol.release();
  }

  @ParameterizedTest
  @EnumSource
  void theExamplesOfTheRfcAreRead(Kind kind) {
    Peer client = kind.client();
    // section 7.2.3.1, in one frame and in two
    receives(client, "c107|f248cdc9c90700", "Hello");
    receives(client, "4103|f248cd, 8004|c9c90700", "Hello");
    // section 7.2.3.3: not compressed by the deflater
    receives(client, "c10b|000500faff48656c6c6f00", "Hello");
    // section 7.2.3.4: a final block, and then others
    receives(client, "c108|f348cdc9c9070000", "Hello");
    // section 7.2.3.5: two blocks
    receives(client, "c10d|f2480500 0000ffff cac9c90700", "Hello");
    // section 7.2.3.6: nothing at all
    receives(client, "c101|00", "");
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTEXT", "CONTEXT_IN_PARTS"})
  void aMessageMayReferToTheOneBefore(Kind kind) {
    Peer client = kind.client();
    receives(client, "c107|f248cdc9c90700", "Hello");
    receives(client, "c105|f200110000", "Hello");
    receives(client, "8103|616263", "abc");
    receives(client, "c105|f200110000", "Hello");
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARED", "PARTS"})
  void withoutContextAMessageMustNotReferToTheOneBefore(Kind kind) {
    Peer client = kind.client();
    receives(client, "c107|f248cdc9c90700", "Hello");
    client.receive(Side.CLIENT.received("c105|f200110000"));
    failsWith(client, 1007, "The payload of a compressed message must be DEFLATE data.");
  }

  @ParameterizedTest
  @EnumSource
  void aTailThatEndsTheStreamBeginsANewOne(Kind kind) {
    Peer client = kind.client();
    // The four bytes that are appended make this a final block of nothing.
    receives(client, "c101|01", "");
    receives(client, "c107|f248cdc9c90700", "Hello");
  }

  @ParameterizedTest
  @EnumSource
  void whatNoDeflaterWritesFailsTheConnection(Kind kind) {
    for (String frame : List.of("c100|", "c102|ffff", "c103|06ffff")) {
      Peer client = kind.client();
      client.receive(Side.CLIENT.received(frame));
      failsWith(client, 1007, "The payload of a compressed message must be DEFLATE data.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void compressedTextMustBeUtf8(Kind kind) {
    for (String stored : List.of("000100feff80 00", "000100feffc3 00")) {
      Peer client = kind.client();
      client.receive(Side.CLIENT.received("c107|" + stored));
      failsWith(client, 1007, "Text messages must be UTF-8.");
      client = kind.client();
      client.receive(Side.CLIENT.received("c207|" + stored));
      assertThat(client.events.getLast()).isEqualTo(Event.BINARY);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a100|", "9100|", "e107|f248cdc9c90700", "c900|", "ca00|", "c800|", "c300|"})
  void onlyRsv1OfDataHasAMeaning(String frame) {
    Peer client = Kind.SHARED.client();
    client.receive(Side.CLIENT.received(frame));
    failsWith(client, 1002, "Reserved bits must be 0 unless an extension gives them a meaning.");
  }

  @Test
  void onlyAMessagesFirstFrameSaysThatItIsCompressed() {
    Peer client = Kind.SHARED.client();
    client.receive(Side.CLIENT.received("4103|f248cd", "c004|c9c90700"));
    failsWith(client, 1002, "Reserved bits must be 0 unless an extension gives them a meaning.");
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARED", "CONTEXT"})
  void aMessageAsLargeAsTheLimitIsRead(Kind kind) {
    MessageLimits limits = new MessageLimits(1 << 20, 100_000);
    Peer server = Peer.of(Side.SERVER, DeflateParameters.NO_CONTEXT_TAKEOVER);
    Peer client = kind.client(limits);
    client.receive(server.binary(new byte[100_000]));
    assertThat(client.payloads.getFirst()).hasSize(100_000);
    // and if it was compressed to more than it was
    byte[] noise = new byte[100_000];
    new Random(0).nextBytes(noise);
    client.receive(server.part(noise, true));
    assertThat(client.payloads.getLast()).isEqualTo(noise);
    client.receive(server.binary(new byte[100_001]));
    failsWith(client, 1009, "The message must not exceed this endpoint's limit.");
  }

  @ParameterizedTest
  @EnumSource
  void whatCouldNotBeCompressedMayBeLargerThanTheLimit(Kind kind) {
    // section 7.2.3.3: eleven bytes for five
    receives(kind.client(new MessageLimits(1 << 20, 5)), "c10b|000500faff48656c6c6f00", "Hello");
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARED", "CONTEXT"})
  void aMessageIsNotAssembledBeyondWhatTheLimitCouldNeed(Kind kind) {
    MessageLimits limits = new MessageLimits(1 << 20, 100_000);
    Peer most = kind.client(limits);
    most.receive(Side.CLIENT.received(header(100_000 + 97 + 64)));
    assertThat(most.events).isEmpty();
    Peer more = kind.client(limits);
    more.receive(Side.CLIENT.received(header(100_000 + 97 + 65)));
    failsWith(more, 1009, "The message must not exceed this endpoint's limit.");
  }

  /** Of a compressed text's only frame, with so many bytes. */
  private static String header(int length) {
    return "c17f" + HexFormat.of().toHexDigits((long) length);
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARED", "CONTEXT"})
  void aBombCostsNoMoreThanTheLimit(Kind kind) {
    Peer server = Peer.of(Side.SERVER, DeflateParameters.NO_CONTEXT_TAKEOVER);
    byte[] bomb = server.binary(new byte[1_000_000]);
    assertThat(bomb.length).isLessThan(2_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      Peer client = kind.client(new MessageLimits(10_000, 10_000));
      byte[] wire = bomb.clone();
      long before = threads.getCurrentThreadAllocatedBytes();
      client.receive(wire);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      failsWith(client, 1009, "The message must not exceed this endpoint's limit.");
    }
    assertThat(least).isLessThan(40_000);
  }

  @ParameterizedTest
  @EnumSource(names = {"PARTS", "CONTEXT_IN_PARTS"})
  void aHugeMessageIsReadInPartsOfBoundedSize(Kind kind) {
    Peer server = Peer.of(Side.SERVER, DeflateParameters.NO_CONTEXT_TAKEOVER);
    Peer client = kind.client(new MessageLimits(10, 10));
    byte[] first = server.part(new byte[700_000], false);
    byte[] last = server.part(new byte[700_000], true);
    client.receive(first, 100);
    client.receive(last);
    assertThat(client.payloads).allMatch(part -> part.length <= 16 * 1024);
    assertThat(client.payloads.stream().mapToLong(part -> part.length).sum()).isEqualTo(1_400_000);
    assertThat(client.events.getLast()).isEqualTo(Event.BINARY);
    assertThat(client.events.subList(0, client.events.size() - 1)).containsOnly(Event.BINARY_PART);
  }

  @Test
  void theInputIsNotNeededAfterItWasTaken() {
    Peer server = Peer.of(Side.SERVER, DeflateParameters.NO_CONTEXT_TAKEOVER);
    byte[] wire = server.part(new byte[200_000], true);
    WebSocketProtocol client = Kind.PARTS.client().protocol;
    ByteBuffer input = ByteBuffer.wrap(wire);
    int received = 0;
    Event event = client.receive(input);
    while (event == Event.BINARY_PART) {
      received += client.payloadLength();
      Arrays.fill(wire, 0, input.position(), (byte) 0x55);
      event = client.receive(input);
    }
    assertThat(event).isEqualTo(Event.BINARY);
    assertThat(received + client.payloadLength()).isEqualTo(200_000);
  }

  @Test
  void whatIsAppendedMayItselfBecomeDataAndFillAPart() {
    Peer client = Kind.PARTS.client();
    Deflater deflater = new Deflater(6, true);
    deflater.setInput(new byte[16 * 1024 - 2]);
    byte[] data = new byte[100];
    int length = deflater.deflate(data, 0, data.length, Deflater.SYNC_FLUSH);
    deflater.end();
    String compressed = HexFormat.of().formatHex(data, 0, length) + "000400fbff";
    client.receive(Side.CLIENT.received("c2%02x|".formatted(length + 5) + compressed));
    assertThat(client.events).containsExactly(Event.BINARY_PART, Event.BINARY);
    assertThat(client.payloads.getFirst()).hasSize(16 * 1024);
    assertThat(client.payloads.getLast()).hasSize(2);
  }
}
