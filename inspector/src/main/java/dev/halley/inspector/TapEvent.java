package dev.halley.inspector;

import dev.halley.websocket.Header;
import java.util.List;
import java.util.Optional;

/**
 * Something that was seen on a connection. All that is in it is fit to be shown: secrets are
 * masked.
 */
public sealed interface TapEvent {
  /** Which connection, counted from 1. */
  long connection();

  /** When its last byte was seen: microseconds since 1970. */
  long micros();

  /** What was done wrong, as far as it is known by now. */
  default List<Breach> breaches() {
    return List.of();
  }

  /**
   * A connection begins.
   *
   * @param client its address and port
   * @param server its address and port, or name
   */
  record Opened(long connection, long micros, String client, String server) implements TapEvent {}

  /**
   * The head of a request.
   *
   * @param exchange which of the connection's requests, counted from 1; over HTTP/2 the stream
   * @param headLength its bytes
   */
  record Request(
      long connection,
      long micros,
      long exchange,
      String method,
      String target,
      String version,
      List<Header> headers,
      int headLength,
      List<Breach> breaches)
      implements TapEvent {}

  /**
   * The head of a response.
   *
   * @param exchange whose response it is; 0 if there was no request
   * @param headLength its bytes
   * @param heldMicros since the request was complete
   * @param target of the request
   * @param asksToWait whether the request was a long poll
   */
  record Response(
      long connection,
      long micros,
      long exchange,
      int status,
      String reason,
      String version,
      List<Header> headers,
      int headLength,
      long heldMicros,
      String target,
      boolean asksToWait,
      List<Breach> breaches)
      implements TapEvent {}

  /**
   * The body of a request or a response is complete. There is none for an event stream.
   *
   * @param content without its transfer coding and, as far as it could be undone, its content
   *     coding
   * @param coding what was done to the content before it was sent, if anything
   * @param complete false if the connection ended first
   */
  record Body(
      long connection,
      long micros,
      Direction direction,
      long exchange,
      String target,
      Snippet content,
      String contentType,
      Optional<ContentCoding> coding,
      boolean complete,
      List<Breach> breaches)
      implements TapEvent {}

  /** What came of a content coding. */
  enum CodingOutcome {
    /** It was undone. */
    DECODED,
    /** Nothing here can undo it: the content is as it was sent. */
    UNKNOWN,
    /** It was undone up to where something is wrong. */
    BROKEN,
    /** It was undone for as long as it was worth it. */
    TOO_LARGE
  }

  /**
   * The coding of a body (RFC 9110 section 8.4).
   *
   * @param name as {@code Content-Encoding} has it
   * @param length of the body as it was sent
   * @param outcome what came of undoing it
   */
  record ContentCoding(String name, long length, CodingOutcome outcome) {}

  /**
   * An event, or a comment, of an event stream.
   *
   * @param type of the event, {@code message} if it says none; empty for a comment
   * @param id that was set with it, if any
   * @param data of the event, or the comment
   * @param wireLength its bytes, field names and line ends included
   */
  record ServerSentEvent(
      long connection,
      long micros,
      long exchange,
      String target,
      String type,
      Optional<String> id,
      Snippet data,
      long wireLength)
      implements TapEvent {
    /** Whether it is a comment, or a block that dispatches nothing. */
    public boolean isComment() {
      return type.isEmpty();
    }
  }

  /** The connection became a WebSocket. */
  record Handshake(
      long connection, long micros, long exchange, String target, HandshakeReport report)
      implements TapEvent {
    @Override
    public List<Breach> breaches() {
      return report.breaches();
    }
  }

  /**
   * Of which message a frame is a part.
   *
   * @param number of the message in its direction, counted from 1; 0 if it is of none
   * @param fragment which of its frames, counted from 1
   * @param opcode of the message's first frame
   * @param length of the message so far, as it was sent
   * @param compressed whether it is
   */
  record MessagePart(long number, int fragment, int opcode, long length, boolean compressed) {
    /** Of no message: a control frame, or a continuation of nothing. */
    public static final MessagePart NONE = new MessagePart(0, 0, 0, 0, false);
  }

  /**
   * A frame.
   *
   * @param stream of HTTP/2 that it was sent on, or 0
   * @param number in its direction, counted from 1
   * @param payload unmasked, as it was sent
   * @param part of which message
   * @param inflated with the last frame of a compressed message: the message
   * @param closeCode of a close frame, 1005 without one
   * @param complete false if the connection ended first
   */
  record Frame(
      long connection,
      long micros,
      Direction direction,
      long stream,
      String target,
      long number,
      FrameBits bits,
      Snippet payload,
      MessagePart part,
      Optional<Snippet> inflated,
      int closeCode,
      boolean complete,
      List<Breach> breaches)
      implements TapEvent {
    /** What is worth reading: the message if it was inflated, else the payload. */
    public Snippet content() {
      return inflated.orElse(payload);
    }
  }

  /**
   * A frame of HTTP/2 (RFC 9113 section 4.1). What it means for a request, a response or a
   * WebSocket follows as events of their own.
   *
   * @param stream or 0, if it is about the connection
   * @param target of the stream's request
   * @param type see {@link Http2Names}
   * @param length of its payload
   * @param text what it says, other than content and header fields
   */
  record Http2Frame(
      long connection,
      long micros,
      Direction direction,
      long stream,
      String target,
      int type,
      int flags,
      long length,
      String text,
      List<Breach> breaches)
      implements TapEvent {}

  /** Something that can't be dissected, or is worth a word. */
  record Notice(
      long connection, long micros, Direction direction, String text, List<Breach> breaches)
      implements TapEvent {}

  /**
   * A connection has ended.
   *
   * @param how in a few words
   * @param toServer bytes
   * @param toClient bytes
   */
  record Closed(
      long connection, long micros, String how, long toServer, long toClient, List<Breach> breaches)
      implements TapEvent {}
}
