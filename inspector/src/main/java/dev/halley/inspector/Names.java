package dev.halley.inspector;

import dev.halley.websocket.CloseCode;
import dev.halley.websocket.Opcode;

/** What numbers on the wire are called. */
public final class Names {
  private Names() {}

  /** Of an opcode, in lower case. */
  public static String opcode(int opcode) {
    return switch (opcode) {
      case Opcode.CONTINUATION -> "continuation";
      case Opcode.TEXT -> "text";
      case Opcode.BINARY -> "binary";
      case Opcode.CLOSE -> "close";
      case Opcode.PING -> "ping";
      case Opcode.PONG -> "pong";
      default -> "reserved-" + Integer.toHexString(opcode);
    };
  }

  /** Of a close code (the registry of RFC 6455 section 11.7). */
  public static String closeCode(int code) {
    return switch (code) {
      case CloseCode.NORMAL -> "normal closure";
      case CloseCode.GOING_AWAY -> "going away";
      case CloseCode.PROTOCOL_ERROR -> "protocol error";
      case CloseCode.UNSUPPORTED_DATA -> "unsupported data";
      case CloseCode.NO_STATUS -> "no status";
      case CloseCode.ABNORMAL -> "abnormal closure";
      case CloseCode.INVALID_PAYLOAD -> "invalid payload";
      case CloseCode.POLICY_VIOLATION -> "policy violation";
      case CloseCode.MESSAGE_TOO_BIG -> "message too big";
      case CloseCode.MANDATORY_EXTENSION -> "mandatory extension";
      case CloseCode.INTERNAL_ERROR -> "internal error";
      case CloseCode.SERVICE_RESTART -> "service restart";
      case CloseCode.TRY_AGAIN_LATER -> "try again later";
      case CloseCode.BAD_GATEWAY -> "bad gateway";
      case CloseCode.TLS_HANDSHAKE -> "TLS handshake";
      default -> {
        if (code >= 3000 && code < 4000) {
          yield "of a library";
        }
        yield code >= 4000 && code < 5000 ? "of the application" : "reserved";
      }
    };
  }
}
