import org.jspecify.annotations.NullMarked;

/** The halley command. */
@NullMarked
module dev.halley.cli {
  requires static org.jspecify;
  requires dev.halley.inspector;
  requires dev.halley.loadgen;
  requires dev.halley.server;
  requires dev.halley.showcase;
  requires info.picocli;
  requires io.netty.common;
  requires java.logging;
  requires java.management;
  requires java.net.http;
  requires tools.jackson.core;
  requires tools.jackson.dataformat.yaml;
}
