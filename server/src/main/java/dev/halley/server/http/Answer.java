package dev.halley.server.http;

import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/**
 * A whole answer in the form of the connection that encoded it; others of the same kind may send it
 * too.
 *
 * @param bytes in HTTP/1.1 everything from the status line to the body's end, in HTTP/2 the body
 * @param endless whether it is the head of an answer whose body has no length, for a HEAD
 */
record Answer(HttpResponseStatus status, List<Header> headers, ByteBuf bytes, boolean endless) {
  /** With a body of that length. */
  Answer(HttpResponseStatus status, List<Header> headers, ByteBuf bytes) {
    this(status, headers, bytes, false);
  }

  /** One more reference, with places for reading and writing of its own. */
  Answer share() {
    return new Answer(status, headers, bytes.retainedDuplicate(), endless);
  }
}
