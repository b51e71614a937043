package dev.halley.server.http;

import dev.halley.broker.ChannelNames;
import dev.halley.broker.Cursor;
import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.transport.HalleyV1Socket;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a GET on {@code /channels/…} asks for.
 *
 * @param channels none only for {@code /channels}
 * @param cursors one per channel, or empty: then the transport's own beginning applies
 * @param ifNoneMatch the positions that the client has, by {@code If-None-Match}, or {@link
 *     EntityTags#ANY}: where the answer would end there with nothing new, it is 304
 * @param waitTime how long to wait for something, zero for not at all
 * @param limit how many publications at most
 * @param objects whether the data of an event stream's events are objects of {@code halley.v1}
 */
record ListenRequest(
    List<String> channels,
    Optional<List<Cursor>> cursors,
    Optional<String> ifNoneMatch,
    Duration waitTime,
    int limit,
    boolean objects) {

  private static final String PREFIX = "/channels/";

  /**
   * Reads path, query and header fields.
   *
   * @throws HttpError 400 with the rule that was broken
   */
  static ListenRequest parse(Exchange exchange, String path, ServerConfig config) {
    List<String> channels = channels(path, config.limits().channelsPerConnection());
    Query query = Query.of(exchange.target());
    Kind kind = Kind.of(exchange);
    query.require(kind.subject, kind.parameters, kind.ignored);
    Optional<String> entityTag =
        EntityTags.positions(
            exchange.headers().getAll(HttpHeaderNames.IF_NONE_MATCH), channels.size());
    // A client that repeats a URL with what the last answer said beside it means the latter: a
    // browser's EventSource with Last-Event-ID, a poller with If-None-Match. A polyfill adds the
    // id to a URL that may have a beginning of its own.
    Optional<String> cursor =
        lastEventId(exchange)
            .or(() -> entityTag.filter(tag -> !tag.equals(EntityTags.ANY)))
            .or(() -> query.value(Query.LAST_EVENT_ID))
            .or(() -> query.value("since"));
    return new ListenRequest(
        channels,
        cursor.map(text -> cursors(text, channels.size())),
        entityTag,
        wait(exchange, kind, query, config.timing().maxWait()),
        limit(query, config.limits().pollPublications()),
        objects(query));
  }

  /**
   * A way to listen.
   *
   * @param parameters those of its query
   * @param ignored those that say nothing to it
   */
  private record Kind(String subject, List<String> parameters, List<String> ignored) {
    private static final Kind POLL =
        new Kind(
            "A poll", List.of("since", Query.LAST_EVENT_ID, "limit", "wait", "token"), List.of());

    /** Polyfills of EventSource ask for a beginning of 2 KiB, which no browser needs any more. */
    private static final Kind EVENT_STREAM =
        new Kind(
            "An event stream",
            List.of("since", Query.LAST_EVENT_ID, "form", "token"),
            List.of("padding", "evs_preamble", "evs_buffer_size_limit"));

    private static final Kind WEBSOCKET =
        new Kind("A WebSocket", List.of("since", Query.LAST_EVENT_ID, "token"), List.of());

    static Kind of(Exchange exchange) {
      if (exchange.wantsWebSocket()) {
        return WEBSOCKET;
      }
      return ListenHandler.acceptsEventStream(exchange) ? EVENT_STREAM : POLL;
    }

    boolean waits() {
      return parameters.contains("wait");
    }
  }

  /** The cursors, or {@code missing} for each channel if the request had none. */
  List<Cursor> cursorsOr(Cursor missing) {
    return cursors.orElseGet(() -> Collections.nCopies(channels.size(), missing));
  }

  /**
   * What is left of it when it has read its cursors and waits for news.
   *
   * @param names the same channels
   * @param entityTag the same tag
   */
  ListenRequest waitingFor(List<String> names, Optional<String> entityTag) {
    return new ListenRequest(names, Optional.empty(), entityTag, waitTime, limit, objects);
  }

  /** The channel names of a path: percent-decoded, valid, each once. */
  static List<String> channels(String path, int most) {
    if (path.length() <= PREFIX.length()) {
      return List.of();
    }
    String[] parts = path.substring(PREFIX.length()).split(",", -1);
    List<String> names = new ArrayList<>(parts.length);
    for (String part : parts) {
      names.add(channel(part));
    }
    if (parts.length > most) {
      throw HttpError.badRequest("A request names at most " + most + " channels")
          .beyond(Limit.CHANNELS_PER_CONNECTION)
          .about(names.subList(most, names.size()));
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw HttpError.badRequest("A request names each channel once");
    }
    return names;
  }

  private static String channel(String encoded) {
    String name = encoded;
    if (encoded.indexOf('%') >= 0) {
      try {
        name = QueryStringDecoder.decodeComponent(encoded.replace("+", "%2B"));
      } catch (IllegalArgumentException e) {
        throw HttpError.badRequest(ChannelNames.RULE);
      }
    }
    if (!ChannelNames.isValid(name)) {
      throw HttpError.badRequest(ChannelNames.RULE);
    }
    return name;
  }

  private static Optional<String> lastEventId(Exchange exchange) {
    return Optional.ofNullable(exchange.headers().get("Last-Event-ID")).filter(id -> !id.isEmpty());
  }

  private static List<Cursor> cursors(String text, int count) {
    String[] parts = text.split(",", -1);
    // One word stands for all channels.
    boolean oneForAll = parts.length == 1 && (text.equals("earliest") || text.equals("latest"));
    if (parts.length != count && !oneForAll) {
      throw HttpError.badRequest("There is one position per channel, separated by commas");
    }
    List<Cursor> cursors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      cursors.add(cursor(oneForAll ? text : parts[i].strip()));
    }
    return cursors;
  }

  private static Cursor cursor(String text) {
    try {
      return Cursor.parse(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest("A cursor is earliest, latest or a position (epoch:offset)");
    }
  }

  private static Duration wait(Exchange exchange, Kind kind, Query query, Duration longest) {
    if (!kind.waits() || exchange.isHead()) {
      return Duration.ZERO;
    }
    Optional<Long> wait =
        query
            .value("wait")
            .map(text -> number(text, "wait"))
            .or(() -> Preferences.waitSeconds(exchange.headers().getAll("Prefer")));
    long seconds = wait.orElse(0L);
    return seconds >= longest.toSeconds() + 1 ? longest : min(Duration.ofSeconds(seconds), longest);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static boolean objects(Query query) {
    Optional<String> form = query.value("form");
    if (form.filter(name -> !name.equals(HalleyV1Socket.SUBPROTOCOL)).isPresent()) {
      throw HttpError.badRequest("The only form is " + HalleyV1Socket.SUBPROTOCOL);
    }
    return form.isPresent();
  }

  private static int limit(Query query, int most) {
    long limit = query.value("limit").map(text -> number(text, "limit")).orElse((long) most);
    if (limit == 0) {
      throw HttpError.badRequest("The limit is at least 1");
    }
    return (int) Math.min(limit, most);
  }

  private static long number(String text, String name) {
    boolean digits = !text.isEmpty() && text.length() <= 9;
    for (int i = 0; digits && i < text.length(); i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    if (!digits) {
      throw HttpError.badRequest("The " + name + " is a whole number");
    }
    return Long.parseLong(text);
  }
}
