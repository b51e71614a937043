import org.jspecify.annotations.NullMarked;

/** The tap: looks at what passes between any client and any server, live or in a capture file. */
@NullMarked
module dev.halley.inspector {
  requires static transitive org.jspecify;
  requires transitive dev.halley.websocket;
  requires io.netty.buffer;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires jdk.httpserver;
  requires tools.jackson.core;

  exports dev.halley.inspector;
}
