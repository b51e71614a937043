package dev.halley.server.http;

import dev.halley.broker.TraceContext;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** The trace that a request is part of (W3C Trace Context). */
final class TraceFields {
  private TraceFields() {}

  /** What the fields say; nothing if there are none, or they break a rule. */
  static Optional<TraceContext> of(HttpHeaders fields) {
    List<String> parents = fields.getAll("traceparent");
    if (parents.size() != 1) {
      return Optional.empty();
    }
    List<String> states = fields.getAll("tracestate");
    return TraceContext.parse(
        parents.get(0),
        states.isEmpty() ? Optional.empty() : Optional.of(String.join(",", states)));
  }
}
