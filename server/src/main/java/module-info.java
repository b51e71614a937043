import org.jspecify.annotations.NullMarked;

/** The push server: four ways to listen on one port. */
@NullMarked
module dev.halley.server {
  requires static transitive org.jspecify;
  requires transitive dev.halley.broker;
  requires dev.halley.websocket;
  requires com.nimbusds.jose.jwt;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.haproxy;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.io_uring;
  requires io.netty.transport.unix.common;
  requires io.prometheus.metrics.model;
  requires jdk.jfr;
  requires jdk.net;
  requires micrometer.core;
  requires micrometer.registry.prometheus;
  requires java.net.http;
  requires tools.jackson.core;

  exports dev.halley.server;
  exports dev.halley.server.app;
}
