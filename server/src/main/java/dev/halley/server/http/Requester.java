package dev.halley.server.http;

import dev.halley.server.connection.StreamHandler;
import dev.halley.server.hub.HubShard;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;

/**
 * What a request came on and its answer goes to: a connection of HTTP/1.1, or a stream of HTTP/2.
 * Used on its event loop.
 */
interface Requester {
  /** Where buffers come from. */
  ByteBufAllocator allocator();

  /** The loop that everything of this connection runs on. */
  default EventLoop eventLoop() {
    return shard().eventLoop();
  }

  /** The shard of that loop. */
  HubShard shard();

  /** Whether this is its last request. */
  boolean isClosing();

  /** Whether it is encrypted. */
  boolean isSecure();

  /** The protocol that an extended CONNECT wants (RFC 8441); none in HTTP/1.1. */
  default Optional<String> connectProtocol() {
    return Optional.empty();
  }

  /** When the exchange's holder is called. */
  void setDeadline(long delayNanos);

  /** An answer as this kind of connection sends it. {@code body} is released or taken over. */
  Answer encode(HttpResponseStatus status, List<Header> headers, boolean keepAlive, ByteBuf body);

  /** The head of an answer whose body would have no length, such as an event stream's. */
  Answer encodeEndless(HttpResponseStatus status, List<Header> headers, boolean keepAlive);

  /**
   * Sends the answer to the current request and goes on to the next.
   *
   * @param answer is taken over
   * @param withBody false for the answer to a HEAD
   */
  void finish(Answer answer, boolean withBody, boolean keepAlive);

  /** Ends it, without a word. */
  void abort();

  /** The current request waits for what may be long in coming. */
  default void onParked() {}

  /**
   * Sends a head whose body is whatever the successor writes, and gives the connection to it: from
   * here on it isn't HTTP.
   */
  void handOver(HttpResponseStatus status, List<Header> headers, StreamHandler successor);
}
