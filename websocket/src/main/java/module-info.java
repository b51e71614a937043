import org.jspecify.annotations.NullMarked;

/** The WebSocket protocol without I/O: bytes in, events out; messages in, bytes out. */
@NullMarked
module dev.halley.websocket {
  requires static transitive org.jspecify;

  exports dev.halley.websocket;
}
