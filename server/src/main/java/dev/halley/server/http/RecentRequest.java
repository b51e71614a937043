package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request that came more than once, with what it asks for, once somebody has looked. Nobody
 * changes it. Used on its event loop.
 */
final class RecentRequest extends DefaultHttpRequest {
  private @Nullable ListenRequest listening;

  RecentRequest(HttpRequest request) {
    super(request.protocolVersion(), request.method(), request.uri(), request.headers());
  }

  /** As {@link ListenRequest#parse}. */
  ListenRequest listening(Exchange exchange, String path, ServerConfig config) {
    ListenRequest known = listening;
    if (known == null) {
      known = ListenRequest.parse(exchange, path, config);
      listening = known;
    }
    return known;
  }
}
