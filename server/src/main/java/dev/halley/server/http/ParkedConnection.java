package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.StreamConnections;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.connection.TcpState;
import dev.halley.server.hub.ConnectionStart;
import dev.halley.server.hub.TimerWheel;
import dev.halley.server.meter.Via;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/1.1 that is its socket alone, from when a poll of it waits: an {@link
 * HttpHandler} without channel, pipeline and decoder, which is most of what a waiting poll keeps.
 * It answers and takes the next poll, as long as each request comes as a whole and nothing else
 * with it. With anything else the socket goes back into a channel, and an {@link HttpHandler} goes
 * on with what is under way.
 */
final class ParkedConnection extends StreamHandler implements HttpConnection {
  private final HttpLoop loop;
  private final ConnectionStart start;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private @Nullable Exchange current;
  private boolean closing;
  private boolean ended;

  /** Goes on with what is under way. */
  ParkedConnection(HttpLoop loop, HttpHandover from) {
    this.loop = loop;
    this.start = from.start();
    this.current = from.current();
    loop.shard().timers().replace(from.timer(), timer);
    if (current != null) {
      current.continueOn(this);
    }
  }

  // ---- the connection ----

  @Override
  protected void onOpen() {
    // It began long ago.
  }

  @Override
  protected void onRead(ByteBuf bytes) {
    if (closing) {
      return; // dropped
    }
    HttpRequest request =
        current == null && connection().isWritable() ? loop.decodeWhole(bytes) : null;
    if (request == null) {
      // The bytes lie in the buffer that the loop's connections share.
      ByteBuf own = allocator().directBuffer(bytes.readableBytes()).writeBytes(bytes);
      Optional<HttpHandler> successor = putBack();
      if (successor.isPresent()) {
        successor.get().receive(own);
      } else {
        own.release();
      }
      return;
    }
    Client peer = Client.atTheOtherEnd(connection().peer());
    Exchange exchange = loop.router().open(this, peer, request);
    current = exchange;
    loop.router().handle(exchange);
  }

  @Override
  protected void onWritabilityChanged(boolean writable) {
    // What comes while it isn't writable is for a handler that waits.
    if (writable && current == null && !closing) {
      setDeadline(loop.firstLookNanos());
    }
  }

  @Override
  protected void onFailure(Throwable cause) {
    loop.router().metrics().connectionFailed(cause);
  }

  @Override
  protected void onClosed() {
    closing = true;
    shard().timers().cancel(timer);
    Exchange underWay = current;
    current = null;
    if (underWay != null) {
      underWay.abort();
    }
    if (!ended) {
      ended = true;
      shard().meters().connections(Via.HTTP).decrement();
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    Exchange exchange = current;
    if (exchange != null) {
      exchange.onDeadline();
      return;
    }
    Optional<TcpState> tcp = connection().tcp();
    long keepAlive = loop.config().timing().keepAlive().toNanos();
    long idle = tcp.map(TcpState::sinceSentNanos).orElse(keepAlive);
    if (connection().pendingBytes() > 0 || tcp.filter(it -> !it.isAllAcked()).isPresent()) {
      // What is long in leaving is looked after where there is room for it.
      boolean last = closing;
      putBack().ifPresent(successor -> successor.awaitOutput(nanoTime, last));
    } else if (!closing && idle < keepAlive) {
      setDeadline(keepAlive - idle);
    } else {
      if (!closing) {
        loop.router().metrics().exceed(Limit.KEEP_ALIVE_TIMEOUT);
      }
      connection().close();
    }
  }

  @Override
  public void onDrain() {
    Exchange exchange = current;
    if (exchange == null) {
      closing = true;
      connection().closeAfterOutput(); // an answer may be under way
    } else {
      exchange.onDrain();
    }
  }

  @Override
  public void onLateDeadline(long nanoTime) {
    if (current != null) {
      onDeadline(nanoTime);
    } else {
      setDeadline(TimerWheel.SECOND_CHANCE_NANOS);
    }
  }

  /**
   * Puts the socket back into a channel, and all that it was used for is the handler's there; none
   * if the connection is gone.
   */
  private Optional<HttpHandler> putBack() {
    Optional<HttpHandler> successor =
        loop.putBack(connection(), new HttpHandover(start, writtenBytes(), timer, current));
    if (successor.isPresent()) {
      current = null;
    }
    onClosed();
    return successor;
  }

  @Override
  public void abort() {
    connection().close();
  }

  // ---- for the request ----

  @Override
  public boolean isClosing() {
    return closing || !loop.router().isReady();
  }

  @Override
  public boolean isSecure() {
    return false;
  }

  @Override
  public void setDeadline(long delayNanos) {
    shard().timers().set(timer, delayNanos);
  }

  @Override
  public ByteBufAllocator allocator() {
    return connection().allocator();
  }

  @Override
  public HttpLoop loop() {
    return loop;
  }

  @Override
  public void finish(Answer answer, boolean withBody, boolean keepAlive) {
    current = null;
    setDeadline(loop.firstLookNanos());
    connection().writeAndFlush(withBody ? answer.bytes() : Responses.headOf(answer.bytes()));
    if (!keepAlive) {
      closing = true;
      connection().closeAfterOutput();
    }
  }

  @Override
  public void handOver(HttpResponseStatus status, List<Header> headers, StreamHandler successor) {
    putBack()
        .ifPresentOrElse(
            handler -> handler.handOver(status, headers, successor),
            () -> StreamConnections.openGone(connection(), successor));
  }

  // ---- for the operator ----

  @Override
  public ConnectionStart start() {
    return start;
  }

  @Override
  public Via via() {
    return Poll.viaOf(current);
  }

  @Override
  public InetSocketAddress remoteAddress() {
    Exchange exchange = current;
    return exchange == null ? connection().peer() : exchange.client().address();
  }

  @Override
  public long pendingBytes() {
    return connection().pendingBytes();
  }

  @Override
  public void disconnect() {
    connection().close();
  }
}
