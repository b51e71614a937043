package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one side writes, in pieces of any size, the other one reads. */
class RoundTripTest {
  private static final MessageLimits LIMITS = new MessageLimits(1 << 20, 1 << 20);
  private static final int SEEDS = 100;

  @ParameterizedTest
  @EnumSource
  void whatOneSideWritesTheOtherReads(Side receiver) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      WebSocketProtocol sender =
          receiver == Side.CLIENT
              ? WebSocketProtocol.server(LIMITS)
              : WebSocketProtocol.client(LIMITS, random::nextInt);
      List<String> sent = new ArrayList<>();
      byte[] wire = send(random, sender, sent);
      assertThat(receive(random, receiver.protocol(LIMITS), wire))
          .as("seed %s", seed)
          .containsExactlyElementsOf(sent);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cutsDoNotMatterEvenIfSomeBytesAreWrong(Side receiver) {
    for (int seed = 0; seed < 10 * SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] wire = receiver.received(randomFrames(random));
      for (int wrong = random.nextInt(3); wrong > 0; wrong--) {
        wire[random.nextInt(wire.length)] ^= (byte) (1 << random.nextInt(8));
      }
      assertThat(receive(random, receiver.protocol(LIMITS), wire))
          .as("seed %s", seed)
          .isEqualTo(receive(random, receiver.protocol(LIMITS), wire));
    }
  }

  /** Valid ones, but not always in a valid order. */
  private static String[] randomFrames(Random random) {
    String[] kinds = {"81", "82", "01", "00", "80", "00", "80", "02", "89", "8a"};
    String[] frames = new String[1 + random.nextInt(8)];
    for (int i = 0; i < frames.length; i++) {
      int length = random.nextInt(126);
      frames[i] =
          kinds[random.nextInt(kinds.length)] + "%02x|".formatted(length) + "61".repeat(length);
    }
    return frames;
  }

  private static byte[] send(Random random, WebSocketProtocol sender, List<String> sent) {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    ByteBuffer out = ByteBuffer.allocate(1 << 19);
    for (int message = random.nextInt(20); message >= 0; message--) {
      byte[] bytes = new byte[random.nextInt(1 << random.nextInt(18))];
      random.nextBytes(bytes);
      out.clear();
      switch (message == 0 ? 3 : random.nextInt(3)) {
        case 0 -> {
          sender.writeBinary(ByteBuffer.wrap(bytes), out);
          sent.add("BINARY " + digest(bytes));
        }
        case 1 -> {
          byte[] text =
              new String(bytes, StandardCharsets.UTF_16LE).getBytes(StandardCharsets.UTF_8);
          sender.writeText(ByteBuffer.wrap(text), out);
          sent.add("TEXT " + digest(text));
        }
        case 2 -> {
          int length = Math.min(bytes.length, 125);
          sender.writePing(ByteBuffer.wrap(bytes, 0, length), out);
          sent.add("PING " + digest(Arrays.copyOf(bytes, length)));
        }
        default -> {
          sender.writeClose(CloseCode.GOING_AWAY, "bye", out);
          sent.add("CLOSE 1001 bye");
        }
      }
      wire.write(out.array(), 0, out.position());
    }
    return wire.toByteArray();
  }

  private static List<String> receive(Random random, WebSocketProtocol protocol, byte[] wire) {
    List<String> received = new ArrayList<>();
    ByteBuffer input = ByteBuffer.allocateDirect(1 << 17);
    for (int at = 0; at < wire.length; ) {
      int length = Math.min(random.nextInt(1 << random.nextInt(18)), wire.length - at);
      input.clear().put(wire, at, length).flip();
      at += length;
      for (Event event = protocol.receive(input);
          event != Event.NEED_INPUT;
          event = protocol.receive(input)) {
        byte[] payload = new byte[protocol.payloadLength()];
        protocol.payload().get(payload);
        received.add(
            event == Event.CLOSE
                ? "CLOSE " + protocol.closeCode() + " " + protocol.closeReason()
                : event + " " + digest(payload));
      }
    }
    return received;
  }

  private static String digest(byte[] payload) {
    return payload.length + " bytes with hash " + Arrays.hashCode(payload);
  }
}
