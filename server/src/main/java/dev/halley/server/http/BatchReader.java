package dev.halley.server.http;

import dev.halley.broker.ChannelNames;
import dev.halley.broker.Payload;
import dev.halley.broker.TraceContext;
import dev.halley.server.Limit;
import dev.halley.server.wire.JsonInput;
import dev.halley.server.wire.JsonText;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonToken;

/**
 * Takes a batch apart, a piece at a time. What is wrong with it is an {@link HttpError}, an {@link
 * IllegalArgumentException} or a JacksonException. Used on its request's event loop.
 */
final class BatchReader implements AutoCloseable {
  /** A piece ends with the entry with which it has so many bytes, or so many entries. */
  private static final int PIECE_BYTES = 128 << 10;

  private static final int PIECE_ENTRIES = 250;

  /** Says whether a payload of so many bytes may be published on a channel. */
  interface SizeRule {
    /**
     * Returns if it may.
     *
     * @throws HttpError if it may not
     */
    void require(String channel, long bytes);
  }

  private final JsonInput input;
  private final int mostEntries;
  private final Optional<TraceContext> traceOfRequest;
  private final SizeRule size;
  private final List<PublishEntry> entries = new ArrayList<>();

  /**
   * At the begin of one.
   *
   * @param input is closed with this
   * @param traceOfRequest is that of an entry that names none
   */
  BatchReader(
      JsonInput input, int mostEntries, Optional<TraceContext> traceOfRequest, SizeRule size) {
    this.input = input;
    this.mostEntries = mostEntries;
    this.traceOfRequest = traceOfRequest;
    this.size = size;
  }

  /** Reads a piece; says whether there may be more. */
  boolean read() {
    long begin = input.position();
    if (begin == 0 && input.next() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException("a batch is an array");
    }
    for (int i = 0; i < PIECE_ENTRIES && input.position() - begin < PIECE_BYTES; i++) {
      if (input.next() == JsonToken.END_ARRAY) {
        input.requireEnd();
        return false;
      }
      input.requireObjectStart("entry " + entries.size());
      if (entries.size() == mostEntries) {
        throw new HttpError(
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "A batch has at most " + mostEntries + " entries")
            .beyond(Limit.BATCH_ENTRIES);
      }
      entries.add(readEntry());
    }
    return true;
  }

  /** What has been read. */
  List<PublishEntry> entries() {
    return entries;
  }

  @Override
  public void close() {
    input.close();
  }

  private PublishEntry readEntry() {
    int index = entries.size();
    Optional<String> traceparent = Optional.empty();
    Optional<String> tracestate = Optional.empty();
    Optional<String> channel = Optional.empty();
    Optional<Payload> payload = Optional.empty();
    for (JsonToken token = input.next(); token != JsonToken.END_OBJECT; token = input.next()) {
      String name = input.text();
      input.next();
      switch (name) {
        case "channel" -> channel = JsonInput.once(name, channel, input.requireString(name));
        case "data" -> payload = JsonInput.only(payload, input.data());
        case "base64" -> payload = JsonInput.only(payload, input.base64());
        case "traceparent" ->
            traceparent = JsonInput.once(name, traceparent, input.requireString(name));
        case "tracestate" ->
            tracestate = JsonInput.once(name, tracestate, input.requireString(name));
        default ->
            throw new IllegalArgumentException(
                "entry " + index + " has an unknown " + JsonText.escape(JsonInput.begin(name)));
      }
    }
    if (channel.isEmpty() || payload.isEmpty()) {
      throw new IllegalArgumentException("entry " + index + " lacks its channel, data or base64");
    }
    Optional<String> state = tracestate;
    Optional<TraceContext> trace =
        traceparent.isEmpty()
            ? traceOfRequest
            : traceparent.flatMap(it -> TraceContext.parse(it, state));
    String valid = ChannelNames.requireValid(channel.get());
    size.require(valid, payload.get().size());
    return new PublishEntry(valid, payload.get().tracedBy(trace));
  }
}
