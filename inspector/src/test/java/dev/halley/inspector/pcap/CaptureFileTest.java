package dev.halley.inspector.pcap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.inspector.Direction;
import dev.halley.inspector.TapEvent;
import dev.halley.inspector.dissect.Conversation;
import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.Wire;
import dev.halley.inspector.dissect.WireFactory;
import dev.halley.inspector.terminal.EventLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read again, and what networks do to packets doesn't matter. */
class CaptureFileTest {
  private static final Options OPTIONS = new Options(1024, true);
  private static final String REQUEST =
      "POST /channels/chat HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"
          + "x".repeat(100_000);
  private static final String RESPONSE = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";

  @TempDir private Path directory;

  private Path write(String clientHost) throws IOException {
    Path file = directory.resolve("written.pcapng");
    try (SegmentWriter writer = SegmentWriter.create(file, true)) {
      Wire wire =
          writer
              .wires()
              .open(
                  1,
                  new InetSocketAddress(clientHost, 51_234),
                  new InetSocketAddress(clientHost, 9000));
      Conversation conversation = new Conversation(1, OPTIONS, event -> {}, wire);
      feed(conversation);
    }
    return file;
  }

  private static void feed(Conversation conversation) {
    conversation.opened("a", "b", 1_000_000);
    conversation.bytes(Direction.TO_SERVER, bytes(REQUEST), 1_000_001);
    conversation.bytes(Direction.TO_CLIENT, bytes(RESPONSE), 3_000_000_000_000_002L);
    conversation.closed(false, "closed", 3_000_000_000_000_003L);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static List<String> lines(Path file) throws IOException {
    List<TapEvent> events = new ArrayList<>();
    CaptureFile.read(file, OPTIONS, events::add, WireFactory.NONE);
    return lines(events);
  }

  private static List<String> lines(List<TapEvent> events) {
    EventLines lines = new EventLines(false, false, ZoneOffset.UTC);
    return events.stream().flatMap(event -> lines.of(event).stream()).skip(1).toList();
  }

  private static List<String> expected() {
    List<TapEvent> events = new ArrayList<>();
    feed(new Conversation(1, OPTIONS, events::add, Wire.NONE));
    return lines(events);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void whatIsWrittenIsReadAgain(String host) throws IOException {
    assertThat(lines(write(host))).isEqualTo(expected());
  }

  @Test
  void aFileThatIsCutAnywhereIsReadAsFarAsItGoes() throws IOException {
    byte[] whole = Files.readAllBytes(write("127.0.0.1"));
    Path cut = directory.resolve("cut.pcapng");
    for (int length = 12; length < whole.length; length += length < 1000 ? 1 : 997) {
      Files.write(cut, Arrays.copyOf(whole, length));
      try {
        CaptureFile.read(cut, OPTIONS, event -> {}, WireFactory.NONE);
      } catch (IOException e) {
        assertThat(length).as("only its first block has to be whole").isLessThan(52);
      }
    }
  }

  @Test
  void aFileThatIsDamagedIsAnErrorOrReadButNothingElse() throws IOException {
    byte[] whole = Files.readAllBytes(write("127.0.0.1"));
    Path damaged = directory.resolve("damaged.pcapng");
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = whole.clone();
      for (int j = 0; j < 5; j++) {
        bytes[random.nextInt(i % 2 == 0 ? 600 : bytes.length)] = (byte) random.nextInt();
      }
      Files.write(damaged, bytes);
      try {
        CaptureFile.read(damaged, OPTIONS, event -> {}, WireFactory.NONE);
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotNull();
      }
    }
  }

  @Test
  void whatIsNoCaptureIsAnError() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "this is a text and no capture");
    assertThatThrownBy(() -> lines(text)).hasMessage("neither pcap nor pcapng");
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIG micros", "LITTLE micros", "BIG nanos", "LITTLE nanos"})
  void pcapOfEitherOrderAndResolutionIsRead(String kind) throws IOException {
    List<CapturedPacket> packets = packets(write("127.0.0.1"));
    ByteOrder order = kind.startsWith("BIG") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    int factor = kind.endsWith("nanos") ? 1000 : 1;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer header = ByteBuffer.allocate(24).order(order);
    header.putInt(factor == 1 ? 0xa1b2c3d4 : 0xa1b23c4d).putInt(0x0004_0002).putLong(0);
    header.putInt(65_535).putInt(1);
    out.writeBytes(header.array());
    for (CapturedPacket packet : packets) {
      long micros = Math.min(packet.micros(), 2_000_000);
      int length = packet.bytes().capacity() + 18;
      ByteBuffer record = ByteBuffer.allocate(16 + length).order(order);
      record.putInt((int) (micros / 1_000_000)).putInt((int) (micros % 1_000_000) * factor);
      record.putInt(length).putInt(length);
      record.order(ByteOrder.BIG_ENDIAN).put(new byte[12]).putInt(0x8100_0001);
      record.putShort((short) 0x0800).put(packet.bytes().duplicate());
      out.writeBytes(record.array());
    }
    Path file = Files.write(directory.resolve("other.pcap"), out.toByteArray());

    assertThat(lines(file))
        .hasSameSizeAs(expected())
        .first()
        .isEqualTo("00:00:01.000001 #1 → POST /channels/chat HTTP/1.1");
  }

  private static List<CapturedPacket> packets(Path file) throws IOException {
    List<CapturedPacket> packets = new ArrayList<>();
    CaptureInput input = new CaptureInput(Files.newInputStream(file));
    for (Optional<CapturedPacket> it = input.next(); it.isPresent(); it = input.next()) {
      packets.add(it.get());
    }
    return packets;
  }

  @Test
  void whoseBeginWasNotCapturedIsNotBlamedForIt() throws IOException {
    List<TapEvent> events = new ArrayList<>();
    TcpStreams streams = new TcpStreams(OPTIONS, events::add, WireFactory.NONE);
    packets(write("127.0.0.1")).stream()
        .flatMap(packet -> TcpPacket.read(packet).stream())
        .dropWhile(packet -> packet.flow().from().getPort() != 9000 || packet.length() == 0)
        .forEach(streams::packet);
    streams.finish(0);

    assertThat(lines(events)).anyMatch(line -> line.contains("← 201 Created"));
    assertThat(events).allMatch(event -> event.breaches().isEmpty());
  }

  @Test
  void segmentsOutOfOrderTwiceAndOverlappingArePutTogether() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] stream = new byte[5000];
      random.nextBytes(stream);
      int start = random.nextInt(); // so that numbers wrap around
      List<TcpPacket> packets = new ArrayList<>();
      for (int at = 0; at < stream.length; ) {
        int length = Math.min(1 + random.nextInt(700), stream.length - at);
        int back = Math.min(at, random.nextInt(3) == 0 ? random.nextInt(300) : 0);
        packets.add(packet(start, stream, at - back, length + back, 0));
        if (random.nextInt(4) == 0) {
          packets.add(packet(start, stream, at, length, 0));
        }
        at += length;
      }
      packets.add(packet(start, stream, stream.length, 0, TcpFlags.FIN));
      Collections.shuffle(packets, random);
      packets.addFirst(packet(start - 1, stream, 0, 0, TcpFlags.SYN));
      Recorded recorded = new Recorded();
      HalfStream half = new HalfStream(recorded);
      packets.forEach(half::segment);

      assertThat(recorded.bytes.toByteArray()).as("seed %s", seed).isEqualTo(stream);
      assertThat(recorded.missing).isZero();
      assertThat(recorded.ended).isTrue();
    }
  }

  @Test
  void whatWasAcknowledgedButNeverCapturedIsMissing() {
    byte[] stream = new byte[300];
    Recorded recorded = new Recorded();
    HalfStream half = new HalfStream(recorded);
    half.segment(packet(0, stream, 0, 100, 0));
    half.segment(packet(0, stream, 200, 100, 0));
    assertThat(recorded.bytes.size()).isEqualTo(100);

    half.acknowledged(300, 0);

    assertThat(recorded.missing).isEqualTo(100);
    assertThat(recorded.bytes.size()).isEqualTo(200);
  }

  private static TcpPacket packet(int start, byte[] stream, int at, int length, int flags) {
    Flow flow = new Flow(new InetSocketAddress(1), new InetSocketAddress(2));
    return new TcpPacket(
        0, flow, start + at, 0, flags, ByteBuffer.wrap(stream, at, length).slice(), length);
  }

  private static final class Recorded implements HalfStream.Output {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long missing;
    boolean ended;

    @Override
    public void bytes(ByteBuffer data, long micros) {
      byte[] copy = new byte[data.remaining()];
      data.get(copy);
      bytes.writeBytes(copy);
    }

    @Override
    public void missing(long count, long micros) {
      missing += count;
    }

    @Override
    public void end(long micros) {
      ended = true;
    }
  }
}
