import org.jspecify.annotations.NullMarked;

/** The showcase: what server push is for, live. */
@NullMarked
module dev.halley.showcase {
  requires static transitive org.jspecify;
  requires transitive dev.halley.server;
  requires com.google.zxing;
  requires tools.jackson.core;

  exports dev.halley.showcase;
}
