package dev.halley.inspector.dissect;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Direction;
import dev.halley.inspector.Snippet;
import dev.halley.inspector.TapEvent;
import dev.halley.inspector.TapEvent.CodingOutcome;
import dev.halley.inspector.TapEvent.ContentCoding;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of one direction as they are shown: content coding undone, secrets masked, and cut; or
 * the events of a stream one by one.
 */
final class BodyView {
  private static final Breach MISCODED =
      new Breach("Content must be coded as Content-Encoding says.", "RFC 9110 section 8.4");

  private final Options options;
  private final Cut content;
  private final TokenMask mask;
  private final WireOut out;

  // of the body
  private String type = "";
  private String coding = "";
  private long sent;
  private @Nullable ContentDecoder decoder;
  private @Nullable SseDissector events;
  private long micros;

  /** A body that has ended. */
  record Shown(
      Snippet content, String type, Optional<ContentCoding> coding, List<Breach> breaches) {
    TapEvent event(
        long connection,
        Direction direction,
        long exchange,
        String target,
        boolean complete,
        long micros) {
      return new TapEvent.Body(
          connection,
          micros,
          direction,
          exchange,
          target,
          content,
          type,
          coding,
          complete,
          breaches);
    }
  }

  /**
   * Of no body yet.
   *
   * @param out where the bytes go on to, once they are fit for it
   */
  BodyView(Options options, WireOut out) {
    this.options = options;
    this.out = out;
    content = new Cut(options.cut());
    mask = new TokenMask(options.showSecrets());
  }

  /**
   * A body may begin.
   *
   * @param isPart whether it is a range of the whole, which can't be decoded by itself
   * @param listener takes events, if the body is a response's and turns out to be a stream of them
   */
  void begin(HeaderText head, boolean isPart, Optional<SseDissector.Listener> listener) {
    end(false);
    type = head.lower("Content-Type");
    coding = head.lower("Content-Encoding").replace("identity", "").strip();
    String transfer = head.lower("Transfer-Encoding").replaceAll("chunked|identity|[, ]+", "");
    if (!transfer.isEmpty()) {
      coding += coding.isEmpty() ? transfer : ", " + transfer;
    }
    decoder =
        isPart || !transfer.isEmpty()
            ? null
            : ContentDecoder.of(coding, this::decoded).orElse(null);
    boolean isReadable = coding.isEmpty() || decoder != null;
    if (listener.isPresent() && isReadable && type.startsWith("text/event-stream")) {
      SseDissector.Listener to = listener.get();
      events =
          new SseDissector(
              options,
              (event, id, data, wireLength, at) -> {
                if (decoder != null) {
                  decoder.restartBound();
                }
                to.event(event, id, data, wireLength, at);
              });
    }
  }

  /** Takes bytes of the body, and leaves them fit for the file. */
  void feed(byte[] bytes, int length, long micros) {
    this.micros = micros;
    sent += length;
    if (decoder != null) {
      decoder.feed(bytes, length);
    }
    // Secrets can't be told from the rest in what is coded.
    if (!coding.isEmpty() && !options.showSecrets()) {
      Arrays.fill(bytes, 0, length, TokenMask.STAR);
    }
    if (decoder == null) {
      decoded(bytes, length);
    }
  }

  private void decoded(byte[] bytes, int count) {
    if (events != null) {
      events.feed(bytes, count, micros);
    } else {
      if (content.hasRoom() || out.isOpen()) {
        mask.apply(bytes, 0, count);
      }
      content.add(bytes, 0, count);
    }
  }

  /** The body has ended; empty if there is nothing to tell of it. */
  Optional<Shown> end(boolean complete) {
    boolean isStream = events != null;
    Optional<ContentCoding> how = Optional.empty();
    List<Breach> breaches = List.of();
    if (!coding.isEmpty() && sent > 0) {
      CodingOutcome outcome =
          decoder == null ? CodingOutcome.UNKNOWN : decoder.outcome(complete && !isStream);
      how = Optional.of(new ContentCoding(coding, sent, outcome));
      breaches = outcome == CodingOutcome.BROKEN ? List.of(MISCODED) : List.of();
    }
    boolean isWorthIt = isStream ? !breaches.isEmpty() : sent > 0 || !complete;
    Shown shown = new Shown(content.take(), type, how, breaches);
    if (decoder != null) {
      decoder.close();
    }
    decoder = null;
    events = null;
    coding = "";
    sent = 0;
    mask.restart();
    return isWorthIt ? Optional.of(shown) : Optional.empty();
  }
}
