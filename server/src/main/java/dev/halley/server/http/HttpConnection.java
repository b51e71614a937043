package dev.halley.server.http;

import dev.halley.server.hub.Connected;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.TimerWheel;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Collection;
import java.util.List;

/** A connection of HTTP/1.1 in either of its forms: in a channel, or as its socket alone. */
interface HttpConnection extends Requester, TimerWheel.Task, Connected {
  /** What it shares with the others of its event loop. */
  HttpLoop loop();

  @Override
  default HubShard shard() {
    return loop().shard();
  }

  @Override
  default Answer encode(
      HttpResponseStatus status, List<Header> headers, boolean keepAlive, ByteBuf content) {
    return new Answer(
        status, headers, Responses.encode(allocator(), status, headers, keepAlive, content));
  }

  @Override
  default Answer encodeEndless(HttpResponseStatus status, List<Header> headers, boolean keepAlive) {
    ByteBuf head = allocator().directBuffer(512);
    Responses.writeHead(head, status, headers, keepAlive);
    return new Answer(status, headers, head, true);
  }

  @Override
  default Collection<Subscription> subscriptions() {
    return List.of();
  }
}
