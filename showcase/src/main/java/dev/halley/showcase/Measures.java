package dev.halley.showcase;

import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.Response;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * What pages need to measure honestly: the server's time, and how large the fields are that a
 * browser adds to its requests, which it doesn't tell a page.
 */
final class Measures implements Demo {
  /** The fields that browsers send of their own accord with a page's request. */
  private static final List<String> FIELDS =
      List.of(
          "Accept",
          "Accept-Encoding",
          "Accept-Language",
          "Cache-Control",
          "Connection",
          "Cookie",
          "DNT",
          "Host",
          "Origin",
          "Pragma",
          "Priority",
          "Referer",
          "Save-Data",
          "Sec-CH-UA",
          "Sec-CH-UA-Mobile",
          "Sec-CH-UA-Platform",
          "Sec-Fetch-Dest",
          "Sec-Fetch-Mode",
          "Sec-Fetch-Site",
          "Sec-Fetch-User",
          "Sec-GPC",
          "User-Agent");

  /** Those among them that go with a WebSocket's handshake too. */
  private static final List<String> HANDSHAKE_FIELDS =
      List.of("Accept-Encoding", "Accept-Language", "Cookie", "Host", "User-Agent");

  /** {@code ": "} and the end of the line. */
  private static final int FIELD_OVERHEAD = 4;

  private final InstantSource clock;

  Measures(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void addRoutes(Application.Builder routes) {
    routes
        .get(
            "/shared/time",
            request -> Response.json(Json.object(Map.of("millis", millis(clock.instant())))))
        .get(
            "/shared/request-fields",
            request ->
                Response.json(
                    Json.object(
                        Map.of(
                            "bytes",
                            fieldBytes(request, FIELDS),
                            "handshake",
                            fieldBytes(request, HANDSHAKE_FIELDS)))));
  }

  /** Since 1970, with decimals: some of what is measured takes less than a millisecond. */
  static double millis(Instant now) {
    return now.getEpochSecond() * 1e3 + Math.round(now.getNano() / 1e3) / 1e3;
  }

  /** What those of the names that the request has take, with their line ends. */
  static int fieldBytes(Request request, List<String> names) {
    return names.stream()
        .mapToInt(
            name ->
                request
                    .header(name)
                    .map(value -> name.length() + value.length() + FIELD_OVERHEAD)
                    .orElse(0))
        .sum();
  }
}
