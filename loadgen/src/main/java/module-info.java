import org.jspecify.annotations.NullMarked;

/** A load generator for WebSocket servers: thousands of connections from one thread. */
@NullMarked
@SuppressWarnings("requires-automatic") // HdrHistogram names no module
module dev.halley.loadgen {
  requires static transitive org.jspecify;
  requires transitive dev.halley.websocket;
  requires HdrHistogram;

  exports dev.halley.loadgen;
}
