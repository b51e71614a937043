package dev.halley.cli.chaos;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What strangers do over HTTP/2, in clear text and with prior knowledge (RFC 9113). */
final class Http2Strangers {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String HOST = "localhost";
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int STREAMS = 100;

  private Http2Strangers() {}

  /** As many event streams and long polls as fit on each connection. */
  static void streams(Crowd crowd) {
    crowd.send(
        40,
        (wire, index) -> {
          open(wire);
          for (int i = 0; i < STREAMS; i++) {
            String path = "/channels/h2." + i % 9 + (index % 2 == 0 ? "" : "?wait=60&since=latest");
            wire.send(request(2 * i + 1, path, index % 2 == 0));
          }
          crowd.saw("opened " + STREAMS + " streams");
          wire.drain();
        });
  }

  /** Streams that are given up as soon as they are asked for. */
  static void resets(Crowd crowd) {
    crowd.sendAgainAndAgain(
        6,
        (wire, index) -> {
          open(wire);
          for (int i = 0; i < 5_000; i++) {
            int stream = 2 * i + 1;
            wire.send(request(stream, "/channels/h2reset", true));
            wire.send(frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
          }
          wire.drain();
        });
  }

  private static void open(Wire wire) throws IOException {
    wire.send(PREFACE);
    wire.send(frame(SETTINGS, 0, 0, new byte[0]));
  }

  private static byte[] request(int stream, String path, boolean isEventStream) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    // :method GET, :scheme http, :path and :authority, of HPACK's static table (RFC 7541, appendix
    // A).
    block.write(new byte[] {(byte) 0x82, (byte) 0x86, 0x04, (byte) path.length()});
    block.write(path.getBytes(US_ASCII));
    block.write(new byte[] {0x01, (byte) HOST.length()});
    block.write(HOST.getBytes(US_ASCII));
    if (isEventStream) {
      String type = "text/event-stream";
      block.write(new byte[] {0x0f, 0x04, (byte) type.length()});
      block.write(type.getBytes(US_ASCII));
    }
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray());
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) 0)
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }
}
