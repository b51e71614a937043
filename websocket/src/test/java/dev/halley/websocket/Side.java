package dev.halley.websocket;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * The side that is under test, and how frames look on their way to it.
 *
 * <p>Frames are written in hex without masks, with a bar between header and payload: {@code
 * "8105|48656c6c6f"}. What goes to a server gets the mask bit and, after the bar, a masking key.
 * Without a bar the frame ends within its header, before the key.
 */
enum Side {
  SERVER,
  CLIENT;

  /** Of all frames in the tests. */
  static final int KEY = 0x37fa213d;

  WebSocketProtocol protocol(MessageLimits limits) {
    return this == SERVER
        ? WebSocketProtocol.server(limits)
        : WebSocketProtocol.client(limits, () -> KEY);
  }

  Side peer() {
    return this == SERVER ? CLIENT : SERVER;
  }

  /** What this side receives when the peer sends these frames. */
  byte[] received(String... frames) {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (String frame : frames) {
      wire.writeBytes(received(frame));
    }
    return wire.toByteArray();
  }

  private byte[] received(String frame) {
    byte[] bytes = hex(frame);
    if (this == CLIENT) {
      return bytes;
    }
    int bar = frame.indexOf('|');
    int header = bar < 0 ? bytes.length : hex(frame.substring(0, bar)).length;
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (int i = 0; i < header; i++) {
      wire.write(i == 1 ? bytes[i] | 0x80 : bytes[i]);
    }
    if (bar >= 0) {
      wire.writeBytes(HexFormat.of().parseHex(HexFormat.of().toHexDigits(KEY)));
      for (int i = header; i < bytes.length; i++) {
        wire.write(bytes[i] ^ (KEY >>> (24 - 8 * ((i - header) % 4))));
      }
    }
    return wire.toByteArray();
  }

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("[ |]", ""));
  }
}
