package dev.halley.server;

import dev.halley.server.FrontProxy.Kind;
import org.junit.jupiter.api.Nested;

/** The server behind the proxies of docs/proxies.md. */
class ProxiesIT {
  @Nested
  class Nginx extends BehindProxy {
    Nginx() {
      super(Kind.NGINX);
    }
  }

  @Nested
  class Haproxy extends BehindProxy {
    Haproxy() {
      super(Kind.HAPROXY);
    }
  }

  @Nested
  class HaproxyThatPassesBytes extends BehindProxy {
    HaproxyThatPassesBytes() {
      super(Kind.HAPROXY_TCP);
    }
  }
}
