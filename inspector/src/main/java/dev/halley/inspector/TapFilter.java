package dev.halley.inspector;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which events a viewer wants to see.
 *
 * @param only kinds, see {@link #KINDS}; empty for all
 * @param channel whose traffic, if not everybody's
 * @param grep what has to be found in the content, if anything
 */
public record TapFilter(Set<String> only, Optional<String> channel, Optional<Pattern> grep) {
  /**
   * All kinds there are. {@code error} is whatever broke a rule, {@code frame} any WebSocket frame,
   * {@code http2} any frame of HTTP/2.
   */
  public static final List<String> KINDS =
      List.of(
          "open",
          "request",
          "response",
          "body",
          "sse",
          "handshake",
          "http2",
          "frame",
          "text",
          "binary",
          "continuation",
          "ping",
          "pong",
          "close",
          "notice",
          "end",
          "error");

  /** Lets all through. */
  public static final TapFilter ALL = new TapFilter(Set.of(), Optional.empty(), Optional.empty());

  /** Whether an event is wanted. */
  public boolean accepts(TapEvent event) {
    return isKind(event) && isChannel(event) && matches(event);
  }

  private boolean isKind(TapEvent event) {
    return only.isEmpty() || kinds(event).stream().anyMatch(only::contains);
  }

  /** What kinds an event is of. */
  static Set<String> kinds(TapEvent event) {
    Set<String> kinds = new TreeSet<>();
    if (!event.breaches().isEmpty()) {
      kinds.add("error");
    }
    switch (event) {
      case TapEvent.Opened unused -> kinds.add("open");
      case TapEvent.Request unused -> kinds.add("request");
      case TapEvent.Response unused -> kinds.add("response");
      case TapEvent.Body unused -> kinds.add("body");
      case TapEvent.ServerSentEvent unused -> kinds.add("sse");
      case TapEvent.Handshake unused -> kinds.add("handshake");
      case TapEvent.Http2Frame unused -> kinds.add("http2");
      case TapEvent.Notice unused -> kinds.add("notice");
      case TapEvent.Closed unused -> kinds.add("end");
      case TapEvent.Frame frame -> {
        kinds.add("frame");
        kinds.add(Names.opcode(frame.bits().opcode()));
        if (frame.part().number() > 0) {
          kinds.add(Names.opcode(frame.part().opcode()));
        }
      }
    }
    return kinds;
  }

  private boolean isChannel(TapEvent event) {
    if (channel.isEmpty()) {
      return true;
    }
    String name = channel.get();
    String content = content(event);
    String said = "\"channel\":\"";
    return content.contains(said)
        ? content.contains(said + name + '"')
        : channels(target(event)).contains(name);
  }

  /** The channels in the path of a URL. */
  static List<String> channels(String target) {
    String path = target.split("\\?", 2)[0];
    int at = path.indexOf("/channels/");
    return at < 0 ? List.of() : List.of(path.substring(at + 10).split(",", -1));
  }

  private static String target(TapEvent event) {
    return switch (event) {
      case TapEvent.Opened unused -> "";
      case TapEvent.Request it -> it.target();
      case TapEvent.Response it -> it.target();
      case TapEvent.Body it -> it.target();
      case TapEvent.ServerSentEvent it -> it.target();
      case TapEvent.Handshake it -> it.target();
      case TapEvent.Frame it -> it.target();
      case TapEvent.Http2Frame it -> it.target();
      case TapEvent.Notice unused -> "";
      case TapEvent.Closed unused -> "";
    };
  }

  private boolean matches(TapEvent event) {
    return grep.map(it -> it.matcher(content(event)).find()).orElse(true);
  }

  private static String content(TapEvent event) {
    return switch (event) {
      case TapEvent.Opened it -> it.client() + " " + it.server();
      case TapEvent.Request it -> it.method() + " " + it.target();
      case TapEvent.Response it -> it.status() + " " + it.reason();
      case TapEvent.Body it -> it.content().text();
      case TapEvent.ServerSentEvent it -> it.type() + " " + it.data().text();
      case TapEvent.Handshake it -> it.report().protocol() + " " + it.report().extensions();
      case TapEvent.Frame it -> it.content().text();
      case TapEvent.Http2Frame it -> Http2Names.type(it.type()) + " " + it.text();
      case TapEvent.Notice it -> it.text();
      case TapEvent.Closed it -> it.how();
    };
  }

  /**
   * Reads a list of kinds.
   *
   * @throws IllegalArgumentException naming the one that doesn't exist
   */
  public static Set<String> only(String text) {
    Set<String> kinds = new TreeSet<>();
    for (String kind : text.split(",", -1)) {
      String lower = kind.strip().toLowerCase(Locale.ROOT);
      if (!KINDS.contains(lower)) {
        throw new IllegalArgumentException(
            "\"" + kind + "\" is not one of " + String.join(", ", KINDS));
      }
      kinds.add(lower);
    }
    return kinds;
  }
}
