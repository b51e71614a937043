package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.inspector.dissect.Conversation;
import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.Wire;
import dev.halley.inspector.terminal.EventLines;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Bytes of a conversation in, lines out: whole and cut at every byte, which must be the same. */
final class Seen {
  private record Piece(Direction direction, ByteBuffer bytes, boolean end) {}

  private final List<Piece> pieces = new ArrayList<>();
  private final boolean showSecrets;

  private Seen(boolean showSecrets) {
    this.showSecrets = showSecrets;
  }

  static Seen of() {
    return new Seen(false);
  }

  static Seen withSecrets() {
    return new Seen(true);
  }

  /** After a handshake that is right. */
  static Seen webSocket(String extensions) {
    String field = extensions.isEmpty() ? "" : "Sec-WebSocket-Extensions: " + extensions + "\r\n";
    return of().client(
            "GET /channels/chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + field
                + "\r\n")
        .server(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                + field
                + "\r\n");
  }

  Seen client(String text) {
    return add(Direction.TO_SERVER, text.getBytes(UTF_8));
  }

  Seen server(String text) {
    return add(Direction.TO_CLIENT, text.getBytes(UTF_8));
  }

  Seen clientHex(String hex) {
    return add(Direction.TO_SERVER, HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  Seen serverHex(String hex) {
    return add(Direction.TO_CLIENT, HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  Seen server(byte[] bytes) {
    return add(Direction.TO_CLIENT, bytes);
  }

  Seen client(byte[] bytes) {
    return add(Direction.TO_SERVER, bytes);
  }

  Seen serverEnds() {
    pieces.add(new Piece(Direction.TO_CLIENT, ByteBuffer.allocate(0), true));
    return this;
  }

  private Seen add(Direction direction, byte[] bytes) {
    pieces.add(new Piece(direction, ByteBuffer.wrap(bytes), false));
    return this;
  }

  /** The events, the input whole. */
  List<TapEvent> events() {
    return run(Integer.MAX_VALUE, Wire.NONE);
  }

  /** The lines that are not about HTTP, without time and connection. */
  List<String> frameLines() {
    return lines().stream()
        .filter(line -> !line.contains("HTTP/1.1") && !line.contains("101 "))
        .filter(line -> !line.contains("WebSocket, accept"))
        .toList();
  }

  /** All lines, without time and connection. */
  List<String> lines() {
    List<String> whole = lines(run(Integer.MAX_VALUE, Wire.NONE));
    for (int cut : new int[] {1, 2, 3, 7}) {
      assertThat(lines(run(cut, Wire.NONE))).as("in pieces of %s", cut).isEqualTo(whole);
    }
    return whole;
  }

  private static List<String> lines(List<TapEvent> events) {
    EventLines lines = new EventLines(false, false, ZoneOffset.UTC);
    return events.stream()
        .flatMap(event -> lines.of(event).stream())
        .map(line -> line.substring(19).replaceAll("(after|held for) [0-9.]+ \\S+", "$1 …"))
        .toList();
  }

  /** What goes on to a file in that direction; the same however it is cut. */
  byte[] onWire(Direction direction) {
    byte[] whole = onWire(direction, Integer.MAX_VALUE);
    for (int cut : new int[] {1, 2, 3, 7}) {
      assertThat(onWire(direction, cut)).isEqualTo(whole);
    }
    return whole;
  }

  private byte[] onWire(Direction direction, int cut) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    run(
        cut,
        new Wire() {
          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void bytes(Direction to, byte[] bytes, int length, long micros) {
            if (to == direction) {
              out.write(bytes, 0, length);
            }
          }

          @Override
          public void end(Direction to, long micros) {}

          @Override
          public void broken(long micros) {}
        });
    return out.toByteArray();
  }

  String onWireText(Direction direction) {
    return new String(onWire(direction), ISO_8859_1);
  }

  private List<TapEvent> run(int cut, Wire wire) {
    List<TapEvent> events = new ArrayList<>();
    Conversation conversation =
        new Conversation(1, new Options(1024, showSecrets), events::add, wire);
    long micros = 0;
    for (Piece piece : pieces) {
      byte[] before = piece.bytes().array().clone();
      for (int at = 0; at < before.length; at += Math.min(cut, before.length - at)) {
        int length = Math.min(cut, before.length - at);
        conversation.bytes(
            piece.direction(), ByteBuffer.wrap(piece.bytes().array(), at, length), ++micros);
      }
      assertThat(Arrays.equals(before, piece.bytes().array())).as("no byte is changed").isTrue();
      if (piece.end()) {
        conversation.end(piece.direction(), micros);
      }
    }
    conversation.closed(false, "closed", micros);
    return events.subList(0, events.size() - 1);
  }
}
