package dev.halley.server;

import dev.halley.server.FrontProxy.Kind;
import org.junit.jupiter.api.Nested;

/** The server behind the proxies of docs/proxies.md. */
class ProxiesIT {
  @Nested
  class Nginx extends BehindHttpProxy {
    Nginx() {
      super(Kind.NGINX);
    }
  }

  @Nested
  class Haproxy extends BehindHttpProxy {
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
