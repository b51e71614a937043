package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.io.ByteArrayOutputStream;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed messages of one side are what the other reads (RFC 7692 sections 6 and 7.2). */
class CompressionTest {
  private static final int[] SIZES = {
    0, 1, 16, 64, 127, 128, 255, 256, 257, 1000, 4096, 8192, 16384, 32768, 65535, 65536, 131072
  };

  static Stream<DeflateParameters> everyCombination() {
    List<DeflateParameters> all = new ArrayList<>();
    for (int takeover = 0; takeover < 4; takeover++) {
      for (int bits = 8; bits <= 15; bits++) {
        all.add(new DeflateParameters((takeover & 1) == 0, (takeover & 2) == 0, bits, 23 - bits));
      }
    }
    return all.stream();
  }

  /** Words, so that it compresses, and what is sent again and again differs. */
  private static byte[] words(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append("{\"price\":").append(random.nextInt(100)).append(",\"城市\":\"上海\"}");
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    int end = length;
    while (end > 0 && end < bytes.length && (bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return Arrays.copyOf(bytes, end);
  }

  private static byte[] noise(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @MethodSource("everyCombination")
  void whateverWasAgreedOnAThousandMessagesArrive(DeflateParameters parameters) {
    Random random = new Random(parameters.hashCode());
    for (Side side : Side.values()) {
      Peer sender = Peer.of(side.peer(), parameters);
      Peer receiver = Peer.of(side, parameters);
      for (int i = 0; i < 1000; i++) {
        int size = i % 50 == 0 ? SIZES[i / 50 % SIZES.length] : random.nextInt(600);
        byte[] payload = i % 5 == 0 ? noise(random, size) : words(random, size);
        receiver.events.clear();
        receiver.payloads.clear();
        boolean text = i % 5 != 0;
        byte[] wire = text ? sender.text(payload) : sender.binary(payload);
        receiver.receive(wire, 1 + random.nextInt(2 * wire.length));
        assertThat(receiver.events).containsExactly(text ? Event.TEXT : Event.BINARY);
        assertThat(receiver.payloads.getFirst()).isEqualTo(payload);
      }
      sender.protocol.release();
      receiver.protocol.release();
    }
  }

  @ParameterizedTest
  @MethodSource("everyCombination")
  void messagesOfEverySizeArriveInPartsToo(DeflateParameters parameters) {
    Random random = new Random(parameters.hashCode());
    Compression compression = new Compression(parameters, new DeflatePool(1), 1);
    ProtocolOptions inParts =
        ProtocolOptions.of(Peer.LIMITS).withCompression(compression).receivingInParts();
    for (Side side : Side.values()) {
      Peer sender = Peer.of(side.peer(), parameters);
      Peer whole = Peer.of(side, parameters);
      Peer parts = Peer.of(side, inParts);
      for (int size : SIZES) {
        byte[] payload = size % 2 == 0 ? noise(random, size) : words(random, size);
        byte[] wire = inRandomParts(random, sender, payload);
        whole.receive(wire.clone());
        assertThat(whole.events.getLast()).isEqualTo(Event.BINARY);
        assertThat(whole.payloads.getLast()).isEqualTo(payload);
        parts.payloads.clear();
        parts.receive(wire, 1 + random.nextInt(5000));
        assertThat(parts.events.getLast()).isEqualTo(Event.BINARY);
        assertThat(parts.events).doesNotContain(Event.FAILURE);
        assertThat(joined(parts.payloads)).isEqualTo(payload);
      }
      for (Peer peer : List.of(sender, whole, parts)) {
        peer.protocol.release();
      }
    }
  }

  private static byte[] inRandomParts(Random random, Peer sender, byte[] payload) {
    List<byte[]> frames = new ArrayList<>();
    int from = 0;
    while (from < payload.length) {
      int to = Math.min(payload.length, from + random.nextInt(1 + payload.length / 3));
      frames.add(sender.part(Arrays.copyOfRange(payload, from, to), false));
      from = to;
      if (random.nextBoolean()) {
        to = Math.min(payload.length, from + 100);
        frames.add(sender.part(Arrays.copyOfRange(payload, from, to), false));
        from = to;
      }
    }
    frames.add(sender.part(new byte[0], true));
    return joined(frames);
  }

  private static byte[] joined(List<byte[]> pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    pieces.forEach(all::writeBytes);
    return all.toByteArray();
  }

  @Test
  void contextTakeoverMakesRepeatedMessagesSmaller() {
    byte[] payload = noise(new Random(1), 300);
    Peer with = Peer.of(Side.SERVER, DeflateParameters.CONTEXT_TAKEOVER);
    Peer without = Peer.of(Side.SERVER, DeflateParameters.NO_CONTEXT_TAKEOVER);
    byte[] compressible = words(new Random(1), 300);
    assertThat(with.binary(compressible)).isEqualTo(without.binary(compressible));
    assertThat(with.binary(compressible).length).isLessThan(20);
    assertThat(without.binary(compressible).length).isGreaterThan(40);
    assertThat(with.binary(payload)).hasSize(304);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 12, 14})
  void nothingRefersFurtherBackThanTheWindow(int bits) throws Exception {
    // Each block of the window's size is the same noise: a larger window would compress it away.
    byte[] block = noise(new Random(2), 1 << bits);
    byte[] payload = joined(List.of(block, block, block, block));
    Peer sender = Peer.of(Side.SERVER, new DeflateParameters(false, false, bits, 15));
    assertThat(sender.binary(payload).length).isGreaterThan(payload.length);
    Peer free = Peer.of(Side.SERVER, DeflateParameters.CONTEXT_TAKEOVER);
    assertThat(free.binary(payload).length).isLessThan(payload.length / 3);
  }

  @Test
  void underTheThresholdAMessageGoesAsItIs() {
    Compression compression =
        new Compression(DeflateParameters.NO_CONTEXT_TAKEOVER, new DeflatePool(6), 100);
    Peer sender =
        Peer.of(Side.SERVER, ProtocolOptions.of(Peer.LIMITS).withCompression(compression));
    assertThat(sender.binary(new byte[99])).hasSize(101).startsWith(0x82, 99);
    assertThat(sender.binary(new byte[100])[0] & 0xff).isEqualTo(0xc2);
    assertThat(sender.binary(new byte[100]).length).isLessThan(20);
  }

  @Test
  void whatDoesNotBecomeSmallerGoesAsItIs() {
    Peer sender = Peer.of(Side.SERVER, DeflateParameters.CONTEXT_TAKEOVER);
    Peer receiver = Peer.of(Side.CLIENT, DeflateParameters.CONTEXT_TAKEOVER);
    byte[] words = words(new Random(3), 500);
    byte[] noise = noise(new Random(4), 500);
    for (byte[] payload : List.of(words, noise, words, joined(List.of(noise, words)), words)) {
      byte[] wire = sender.binary(payload);
      assertThat(wire.length).isLessThanOrEqualTo(payload.length + 4);
      receiver.receive(wire);
      assertThat(receiver.payloads.getLast()).isEqualTo(payload);
    }
    assertThat(sender.binary(noise(new Random(5), 500))).startsWith(0x82, 126);
  }

  @Test
  void controlFramesMayComeBetweenParts() {
    Peer sender = Peer.of(Side.CLIENT, DeflateParameters.NO_CONTEXT_TAKEOVER);
    Peer receiver = Peer.of(Side.SERVER, DeflateParameters.NO_CONTEXT_TAKEOVER);
    receiver.receive(sender.part(words(new Random(1), 500), false));
    receiver.receive(sender.written(to -> sender.protocol.writePing(ByteBuffer.allocate(3), to)));
    receiver.receive(sender.written(to -> sender.protocol.writePong(ByteBuffer.allocate(4), to)));
    assertThatThrownBy(() -> sender.binary(new byte[3])).isInstanceOf(IllegalStateException.class);
    receiver.receive(sender.part(words(new Random(2), 500), true));
    assertThat(receiver.events).containsExactly(Event.PING, Event.PONG, Event.BINARY);
    assertThat(receiver.payloads.getLast()).hasSize(1000);
  }

  @Test
  void oneFrameIsGoodForAllThatKeepNoContext() {
    byte[] payload = words(new Random(6), 2000);
    try (DeflatePool pool = new DeflatePool(DeflatePool.DEFAULT_LEVEL)) {
      ByteBuffer shared = ByteBuffer.allocate(3000);
      ByteBuffer source = ByteBuffer.wrap(payload);
      assertThat(pool.writeCompressed(Opcode.TEXT, source, 15, shared)).isTrue();
      assertThat(source.hasRemaining()).isFalse();
      byte[] frame = Arrays.copyOf(shared.array(), shared.position());
      assertThat(frame.length).isLessThan(500);
      for (int i = 0; i < 3; i++) {
        Peer client = Peer.of(Side.CLIENT, DeflateParameters.NO_CONTEXT_TAKEOVER);
        client.receive(frame);
        assertThat(client.payloads.getFirst()).isEqualTo(payload);
      }
      ByteBuffer noise = ByteBuffer.wrap(noise(new Random(7), 2000));
      assertThat(pool.writeCompressed(Opcode.BINARY, noise, 15, shared.clear())).isFalse();
      assertThat(noise.remaining()).isEqualTo(2000);
      assertThat(shared.position()).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.writeCompressed(Opcode.TEXT, noise, 16, shared));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereThereIsTooLittleRoomNothingIsWritten(Side side) {
    Peer peer = Peer.of(side, DeflateParameters.CONTEXT_TAKEOVER);
    ByteBuffer payload = ByteBuffer.allocate(1000);
    ByteBuffer out = ByteBuffer.allocate(peer.protocol.messageLength(1000) - 1);
    assertThatThrownBy(() -> peer.protocol.writeText(payload, out))
        .isInstanceOf(BufferOverflowException.class);
    ByteBuffer part = ByteBuffer.allocate(peer.protocol.partLength(1000) - 1);
    assertThatThrownBy(() -> peer.protocol.writeTextPart(payload, true, part))
        .isInstanceOf(BufferOverflowException.class);
    assertThat(payload.position() + out.position() + part.position()).isZero();
  }

  @Test
  void aThousandConnectionsShareOneDeflaterAndOneInflater() {
    DeflatePool pool = new DeflatePool(6);
    Compression compression = new Compression(DeflateParameters.NO_CONTEXT_TAKEOVER, pool, 1);
    ProtocolOptions options = ProtocolOptions.of(Peer.LIMITS).withCompression(compression);
    byte[] payload = words(new Random(8), 400);
    for (int i = 0; i < 1000; i++) {
      Peer client = Peer.of(Side.CLIENT, options);
      Peer server = Peer.of(Side.SERVER, options);
      server.receive(client.text(payload));
      assertThat(server.payloads.getFirst()).isEqualTo(payload);
    }
    assertThat(pool.spare()).isEqualTo(2);
    pool.close();
    assertThat(pool.spare()).isZero();
  }

  @Test
  void whatIsReleasedHasNoHistory() {
    byte[] payload = words(new Random(9), 400);
    Peer sender = Peer.of(Side.SERVER, DeflateParameters.CONTEXT_TAKEOVER);
    byte[] first = sender.text(payload);
    byte[] second = sender.text(payload);
    assertThat(second).hasSizeLessThan(first.length);
    sender.protocol.release();
    assertThat(sender.text(payload)).isEqualTo(first);
    Peer receiver = Peer.of(Side.CLIENT, DeflateParameters.CONTEXT_TAKEOVER);
    receiver.receive(first);
    receiver.receive(second);
    receiver.protocol.release();
    receiver.receive(second);
    assertThat(receiver.events).containsExactly(Event.TEXT, Event.TEXT, Event.FAILURE);
  }

  @Test
  void aPoolKeepsFewSpares() {
    DeflatePool pool = new DeflatePool(6);
    Compression compression = new Compression(DeflateParameters.NO_CONTEXT_TAKEOVER, pool, 1);
    ProtocolOptions options =
        ProtocolOptions.of(Peer.LIMITS).withCompression(compression).receivingInParts();
    List<Peer> clients = new ArrayList<>();
    List<Peer> servers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(Peer.of(Side.CLIENT, options));
      servers.add(Peer.of(Side.SERVER, options));
      servers.getLast().receive(clients.getLast().part(words(new Random(i), 100), false));
    }
    for (int i = 0; i < 10; i++) {
      servers.get(i).receive(clients.get(i).part(words(new Random(i), 100), true));
    }
    assertThat(pool.spare()).isLessThanOrEqualTo(8);
    clients.forEach(client -> client.protocol.release());
    servers.forEach(server -> server.protocol.release());
    assertThat(pool.spare()).isLessThanOrEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, -2})
  void aLevelIs1To9OrTheDefault(int level) {
    assertThatIllegalArgumentException().isThrownBy(() -> new DeflatePool(level));
  }

  @Test
  void aThresholdIsAtLeast1() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Compression(DeflateParameters.NO_CONTEXT_TAKEOVER, new DeflatePool(6), 0));
  }
}
