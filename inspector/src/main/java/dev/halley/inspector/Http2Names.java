package dev.halley.inspector;

import java.util.HexFormat;
import java.util.StringJoiner;

/** What numbers in HTTP/2 frames are called (RFC 9113 sections 6, 7 and 11; RFC 8441; RFC 9218). */
public final class Http2Names {
  /** Of frames that carry content. */
  public static final int DATA = 0;

  /** Of frames with which a request, a response or trailers begin. */
  public static final int HEADERS = 1;

  /** Of frames that end a stream at once. */
  public static final int RST_STREAM = 3;

  /** Of frames that announce a request that the server makes itself. */
  public static final int PUSH_PROMISE = 5;

  /** Of frames that go on with a header block. */
  public static final int CONTINUATION = 9;

  /** Flag of DATA and HEADERS: nothing follows in that direction. */
  public static final int END_STREAM = 1;

  /** Flag of what carries a header block: it is whole. */
  public static final int END_HEADERS = 4;

  /** Flag: the payload begins with the length of what is behind it to no purpose. */
  public static final int PADDED = 8;

  /** Flag of HEADERS: five bytes before the block say how urgent it is. */
  public static final int PRIORITY_FLAG = 0x20;

  static final int PRIORITY = 2;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;

  private static final int ACK = 1;
  private static final int PRIORITY_UPDATE = 0x10;
  private static final int SETTING_BYTES = 6;

  private Http2Names() {}

  /** Of a frame. */
  public static String type(int type) {
    return switch (type) {
      case DATA -> "DATA";
      case HEADERS -> "HEADERS";
      case PRIORITY -> "PRIORITY";
      case RST_STREAM -> "RST_STREAM";
      case SETTINGS -> "SETTINGS";
      case PUSH_PROMISE -> "PUSH_PROMISE";
      case PING -> "PING";
      case GOAWAY -> "GOAWAY";
      case WINDOW_UPDATE -> "WINDOW_UPDATE";
      case CONTINUATION -> "CONTINUATION";
      case 0xa -> "ALTSVC";
      case 0xc -> "ORIGIN";
      case PRIORITY_UPDATE -> "PRIORITY_UPDATE";
      default -> String.format("type-0x%02x", type);
    };
  }

  /** Of the flags of a frame, {@code |} between them; those without a name in hexadecimal. */
  public static String flags(int type, int flags) {
    StringJoiner names = new StringJoiner("|");
    int left = flags;
    for (int flag = 1; flag < 0x100; flag <<= 1) {
      String name = (flags & flag) == 0 ? "" : flag(type, flag);
      if (!name.isEmpty()) {
        names.add(name);
        left &= ~flag;
      }
    }
    if (left != 0) {
      names.add(String.format("0x%02x", left));
    }
    return names.toString();
  }

  private static String flag(int type, int flag) {
    boolean hasBlock = type == HEADERS || type == PUSH_PROMISE || type == CONTINUATION;
    return switch (flag) {
      case 1 -> type == DATA || type == HEADERS ? "END_STREAM" : ack(type);
      case END_HEADERS -> hasBlock ? "END_HEADERS" : "";
      case PADDED -> type == DATA || type == HEADERS || type == PUSH_PROMISE ? "PADDED" : "";
      case PRIORITY_FLAG -> type == HEADERS ? "PRIORITY" : "";
      default -> "";
    };
  }

  private static String ack(int type) {
    return type == SETTINGS || type == PING ? "ACK" : "";
  }

  /**
   * What a frame says, other than DATA and header blocks.
   *
   * @param payload its first bytes, or all
   */
  public static String text(int type, int flags, Snippet payload) {
    byte[] bytes = payload.bytes();
    return switch (type) {
      case SETTINGS -> (flags & ACK) == 0 ? settings(bytes) : "";
      case WINDOW_UPDATE -> bytes.length < 4 ? "" : "+" + (uint32(bytes, 0) & 0x7fffffffL);
      case RST_STREAM -> bytes.length < 4 ? "" : error(uint32(bytes, 0));
      case GOAWAY -> bytes.length < 8 ? "" : goAway(payload);
      case PING -> HexFormat.of().formatHex(bytes);
      case PRIORITY_UPDATE ->
          bytes.length < 4
              ? ""
              : "of stream " + (uint32(bytes, 0) & 0x7fffffffL) + " " + payload.text().substring(4);
      default -> "";
    };
  }

  private static String goAway(Snippet payload) {
    byte[] bytes = payload.bytes();
    String more = payload.length() > 8 ? " " + Snippet.of(tail(bytes), payload.length() - 8) : "";
    return "last stream "
        + (uint32(bytes, 0) & 0x7fffffffL)
        + ", "
        + error(uint32(bytes, 4))
        + more;
  }

  private static byte[] tail(byte[] bytes) {
    return java.util.Arrays.copyOfRange(bytes, 8, bytes.length);
  }

  private static String settings(byte[] bytes) {
    StringJoiner out = new StringJoiner(", ");
    for (int at = 0; at + SETTING_BYTES <= bytes.length; at += SETTING_BYTES) {
      int id = (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
      out.add(setting(id) + "=" + uint32(bytes, at + 2));
    }
    return out.toString();
  }

  private static String setting(int id) {
    return switch (id) {
      case 1 -> "HEADER_TABLE_SIZE";
      case 2 -> "ENABLE_PUSH";
      case 3 -> "MAX_CONCURRENT_STREAMS";
      case 4 -> "INITIAL_WINDOW_SIZE";
      case 5 -> "MAX_FRAME_SIZE";
      case 6 -> "MAX_HEADER_LIST_SIZE";
      case 8 -> "ENABLE_CONNECT_PROTOCOL";
      case 9 -> "NO_RFC7540_PRIORITIES";
      default -> String.format("0x%04x", id);
    };
  }

  private static String error(long code) {
    String[] names = {
      "NO_ERROR",
      "PROTOCOL_ERROR",
      "INTERNAL_ERROR",
      "FLOW_CONTROL_ERROR",
      "SETTINGS_TIMEOUT",
      "STREAM_CLOSED",
      "FRAME_SIZE_ERROR",
      "REFUSED_STREAM",
      "CANCEL",
      "COMPRESSION_ERROR",
      "CONNECT_ERROR",
      "ENHANCE_YOUR_CALM",
      "INADEQUATE_SECURITY",
      "HTTP_1_1_REQUIRED"
    };
    return code < names.length ? names[(int) code] : String.format("0x%08x", code);
  }

  private static long uint32(byte[] bytes, int at) {
    return (bytes[at] & 0xffL) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }
}
