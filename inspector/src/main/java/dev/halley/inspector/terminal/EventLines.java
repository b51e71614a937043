package dev.halley.inspector.terminal;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Direction;
import dev.halley.inspector.FrameBits;
import dev.halley.inspector.HandshakeReport;
import dev.halley.inspector.Http2Names;
import dev.halley.inspector.Names;
import dev.halley.inspector.Snippet;
import dev.halley.inspector.TapEvent;
import dev.halley.websocket.Header;
import dev.halley.websocket.Opcode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One line an event; more only where a rule was broken, or all is wanted. */
public final class EventLines {
  private static final int CONTENT = 100;
  private static final int ALL_CONTENT = 4096;
  private static final String INDENT = " ".repeat(19);

  private final boolean colours;
  private final boolean verbose;
  private final DateTimeFormatter time;

  /**
   * How lines are written.
   *
   * @param colours whether with escape sequences for colours
   * @param verbose whether with bit diagrams, header fields and more of the content
   * @param zone of the times
   */
  public EventLines(boolean colours, boolean verbose, ZoneId zone) {
    this.colours = colours;
    this.verbose = verbose;
    time = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT).withZone(zone);
  }

  /** The lines of an event. */
  public List<String> of(TapEvent event) {
    List<String> lines = new ArrayList<>();
    Instant at =
        Instant.ofEpochSecond(
            Math.floorDiv(event.micros(), 1_000_000L),
            Math.floorMod(event.micros(), 1_000_000L) * 1000);
    String begin =
        paint(Ink.FAINT, time.format(at))
            + " "
            + paint(connectionInk(event), "#" + event.connection());
    lines.add(begin + " " + line(event));
    if (verbose) {
      details(event).forEach(detail -> lines.add(INDENT + paint(Ink.FAINT, detail)));
    }
    for (Breach breach : event.breaches()) {
      lines.add(
          INDENT + paint(Ink.RED, "✗ " + breach.rule()) + " " + paint(Ink.FAINT, breach.section()));
    }
    return lines;
  }

  private String paint(Ink ink, String text) {
    return ink.paint(text, colours);
  }

  private static Ink connectionInk(TapEvent event) {
    Ink[] inks = {Ink.CYAN, Ink.MAGENTA, Ink.YELLOW, Ink.BLUE, Ink.GREEN};
    return inks[(int) (event.connection() % inks.length)];
  }

  private String arrow(Direction direction) {
    return direction == Direction.TO_SERVER ? paint(Ink.GREEN, "→") : paint(Ink.BLUE, "←");
  }

  private String line(TapEvent event) {
    return switch (event) {
      case TapEvent.Opened it ->
          "↔ open " + it.client() + " to " + Escape.text(it.server(), CONTENT);
      case TapEvent.Request it ->
          arrow(Direction.TO_SERVER)
              + " "
              + paint(Ink.BOLD, Escape.text(it.method() + " " + it.target(), CONTENT))
              + " "
              + Escape.text(it.version(), 10);
      case TapEvent.Response it -> response(it);
      case TapEvent.Body it ->
          arrow(it.direction())
              + " body "
              + it.coding().map(coding -> coded(coding, it.content())).orElse(size(it.content()))
              + (it.complete() ? "" : paint(Ink.RED, " incomplete"))
              + " "
              + Escape.content(it.content(), most());
      case TapEvent.ServerSentEvent it -> serverSentEvent(it);
      case TapEvent.Handshake it -> handshake(it.report());
      case TapEvent.Frame it -> frame(it);
      case TapEvent.Http2Frame it -> http2Frame(it);
      case TapEvent.Notice it ->
          arrow(it.direction()) + " " + paint(Ink.YELLOW, Escape.text(it.text(), CONTENT));
      case TapEvent.Closed it ->
          "↔ end: "
              + Escape.text(it.how(), CONTENT)
              + paint(Ink.FAINT, ", → " + size(it.toServer()) + ", ← " + size(it.toClient()));
    };
  }

  private static String coded(TapEvent.ContentCoding coding, Snippet content) {
    return size(coding.length())
        + " "
        + Escape.text(coding.name(), 40)
        + switch (coding.outcome()) {
          case DECODED, BROKEN -> " to " + size(content);
          case TOO_LARGE -> " to more than " + size(content);
          case UNKNOWN -> ", not decoded,";
        };
  }

  private String response(TapEvent.Response it) {
    Ink ink = it.status() >= 400 ? Ink.RED : it.status() >= 300 ? Ink.YELLOW : Ink.BOLD;
    String held = duration(it.heldMicros());
    String reason = it.reason().isEmpty() ? "" : " " + Escape.text(it.reason(), 40);
    return arrow(Direction.TO_CLIENT)
        + " "
        + paint(ink, it.status() + reason)
        + " "
        + paint(Ink.FAINT, it.asksToWait() ? "long poll, held for " + held : "after " + held);
  }

  private String serverSentEvent(TapEvent.ServerSentEvent it) {
    String id = it.id().map(value -> " id=" + Escape.text(value, 60)).orElse("");
    String type = it.isComment() ? "comment" : Escape.text(it.type(), 40);
    return arrow(Direction.TO_CLIENT)
        + " "
        + paint(it.isComment() ? Ink.FAINT : Ink.CYAN, "event " + type)
        + id
        + " "
        + size(it.data().length())
        + " "
        + Escape.content(it.data(), most());
  }

  private String handshake(HandshakeReport report) {
    String accept =
        report.isAcceptRight() ? paint(Ink.GREEN, "accept right") : paint(Ink.RED, "accept wrong");
    return "↔ "
        + paint(Ink.BOLD, "WebSocket")
        + ", "
        + accept
        + (report.protocol().isEmpty() ? "" : ", subprotocol " + Escape.text(report.protocol(), 60))
        + (report.extensions().isEmpty() ? "" : ", " + Escape.text(report.extensions(), CONTENT));
  }

  private String frame(TapEvent.Frame it) {
    FrameBits bits = it.bits();
    StringBuilder line = new StringBuilder(arrow(it.direction())).append(' ');
    line.append(it.stream() == 0 ? "" : "stream=" + it.stream() + " ");
    String name = Names.opcode(bits.opcode());
    line.append(paint(opcodeInk(bits.opcode()), String.format(Locale.ROOT, "%-6s", name)));
    line.append(bits.fin() ? " fin" : "    ");
    line.append(bits.rsv() == 0 ? "" : " rsv=" + rsv(bits.rsv()));
    line.append(bits.masked() ? String.format(Locale.ROOT, " key=%08x", bits.key()) : "");
    line.append(' ').append(form(bits.form())).append(' ').append(size(bits.length()));
    TapEvent.MessagePart part = it.part();
    if (part.number() > 0 && (part.fragment() > 1 || !bits.fin())) {
      line.append(
          paint(
              Ink.FAINT,
              " part "
                  + part.fragment()
                  + (bits.fin() ? ", the last," : "")
                  + " of "
                  + Names.opcode(part.opcode())
                  + " message "
                  + part.number()));
    }
    it.inflated().ifPresent(content -> line.append(" inflated to ").append(size(content.length())));
    line.append(it.complete() ? "" : paint(Ink.RED, " incomplete"));
    return line.append(' ').append(content(it)).toString();
  }

  private String http2Frame(TapEvent.Http2Frame it) {
    String flags = Http2Names.flags(it.type(), it.flags());
    return arrow(it.direction())
        + " "
        + paint(Ink.FAINT, Http2Names.type(it.type()))
        + (it.stream() == 0 ? "" : " stream=" + it.stream())
        + (flags.isEmpty() ? "" : " " + flags)
        + " "
        + size(it.length())
        + (it.text().isEmpty() ? "" : " " + Escape.text(it.text(), most()));
  }

  private String content(TapEvent.Frame it) {
    Snippet content = it.content();
    if (it.bits().opcode() != Opcode.CLOSE || !it.complete()) {
      boolean unreadable = it.part().compressed() && it.inflated().isEmpty();
      return unreadable ? paint(Ink.FAINT, "compressed") : Escape.content(content, most());
    }
    String code = it.closeCode() + " (" + Names.closeCode(it.closeCode()) + ")";
    if (content.bytes().length <= 2) {
      return code;
    }
    byte[] bytes = content.bytes();
    byte[] reason = java.util.Arrays.copyOfRange(bytes, 2, bytes.length);
    return code + " " + Escape.content(Snippet.of(reason, content.length() - 2), most());
  }

  private int most() {
    return verbose ? ALL_CONTENT : CONTENT;
  }

  private static Ink opcodeInk(int opcode) {
    return switch (opcode) {
      case Opcode.TEXT -> Ink.GREEN;
      case Opcode.BINARY -> Ink.MAGENTA;
      case Opcode.CONTINUATION -> Ink.CYAN;
      case Opcode.CLOSE -> Ink.YELLOW;
      case Opcode.PING, Opcode.PONG -> Ink.BLUE;
      default -> Ink.RED;
    };
  }

  private static String rsv(int rsv) {
    return String.format(Locale.ROOT, "%d%d%d", rsv >>> 2, rsv >>> 1 & 1, rsv & 1);
  }

  private static String form(FrameBits.LengthForm form) {
    return switch (form) {
      case BITS_7 -> "7";
      case BITS_16 -> "7+16";
      case BITS_64 -> "7+64";
    };
  }

  private static String size(Snippet content) {
    return size(content.length());
  }

  static String size(long bytes) {
    return String.format(Locale.ROOT, "%,d B", bytes);
  }

  static String duration(long micros) {
    if (micros < 1000) {
      return micros + " µs";
    }
    return micros < 1_000_000
        ? String.format(Locale.ROOT, "%.1f ms", micros / 1e3)
        : String.format(Locale.ROOT, "%.3f s", micros / 1e6);
  }

  private static List<String> details(TapEvent event) {
    return switch (event) {
      case TapEvent.Request it -> fields(it.headers());
      case TapEvent.Response it -> fields(it.headers());
      case TapEvent.Frame it -> BitDiagram.of(it);
      case TapEvent.Handshake it -> handshakeSteps(it.report());
      case TapEvent.Opened unused -> List.of();
      case TapEvent.Body unused -> List.of();
      case TapEvent.ServerSentEvent unused -> List.of();
      case TapEvent.Http2Frame unused -> List.of();
      case TapEvent.Notice unused -> List.of();
      case TapEvent.Closed unused -> List.of();
    };
  }

  private static List<String> handshakeSteps(HandshakeReport report) {
    return List.of(
        "key       " + Escape.text(report.key(), CONTENT),
        "+ GUID    " + HandshakeReport.GUID,
        "SHA-1     " + report.digest(),
        "Base64    " + report.expected(),
        "accept    "
            + Escape.text(report.accept(), CONTENT)
            + (report.isAcceptRight() ? "  the same" : "  another"));
  }

  private static List<String> fields(List<Header> headers) {
    return headers.stream()
        .map(header -> Escape.text(header.name() + ": " + header.value(), ALL_CONTENT))
        .toList();
  }
}
