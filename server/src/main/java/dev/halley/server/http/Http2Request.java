package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.arrival.Pace;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.MultiplexedConnection;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.TimerWheel;
import dev.halley.server.meter.Via;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request on one stream of HTTP/2: puts it together, hands it on, sends its answer. */
final class Http2Request extends ChannelInboundHandlerAdapter
    implements Requester, TimerWheel.Task {
  /** What an answer is cut into. */
  private static final int PIECE = 16 << 10;

  private final Http2Session session;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private @Nullable ChannelHandlerContext context;
  private @Nullable Exchange exchange;

  /** What has come of its body. */
  private @Nullable RequestBody body;

  private Optional<String> connectProtocol = Optional.empty();
  private int held;

  /** Of the answer, what has yet to leave; and at the last look. */
  private int left;

  private int leftBefore;
  private boolean inputEnded;

  /** Whether the request has come and was handed on. */
  private boolean complete;

  /** Whether what still comes is of no use. */
  private boolean answered;

  Http2Request(Http2Session session) {
    this.session = session;
  }

  // ---- the stream ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    session.shard().meters().connections(Via.HTTP).increment();
    setDeadline(config().timing().handshake().toNanos());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    session.shard().meters().connections(Via.HTTP).decrement();
    session.shard().timers().cancel(timer);
    discard();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    answered = true;
    session.shard().timers().cancel(timer);
    discard();
    Exchange underWay = exchange;
    if (underWay != null) {
      underWay.abort();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame) {
      ctx.close(); // even if what came before hasn't been read
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof Http2Exception) {
      session.router().metrics().malformedRequests().increment();
      ctx.fireExceptionCaught(cause); // the channel closes with the error's code
    } else {
      session.router().metrics().connectionFailed(cause);
      ctx.close();
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    if (answered) {
      awaitOutput();
    } else if (exchange != null && complete) {
      exchange.onDeadline();
    } else if (body != null && body.nanosLeft(nanoTime) > 0) {
      setDeadline(body.nanosLeft(nanoTime)); // a body that goes on is waited for
    } else {
      session.router().metrics().requestTimeouts().increment();
      refuse(RequestRules.timedOut());
    }
  }

  @Override
  public void onLateDeadline(long nanoTime) {
    if (exchange != null && Poll.viaOf(exchange) == Via.LONG_POLL) {
      onDeadline(nanoTime);
    } else {
      setDeadline(TimerWheel.SECOND_CHANCE_NANOS);
    }
  }

  /** An answer that goes on leaving isn't cut for being long. */
  private void awaitOutput() {
    if (left > 0 && left < leftBefore) {
      leftBefore = left;
      setDeadline(config().timing().silence().toNanos());
    } else {
      if (left > 0) {
        session.router().metrics().exceed(Limit.SILENCE_TIMEOUT);
        // To close the channel says nothing where the request has ended, and keeps what waits.
        reset(Http2Error.CANCEL);
      }
      context().close();
    }
  }

  @Override
  public void onDrain() {
    if (exchange != null) {
      exchange.onDrain();
    }
    // A request that is arriving is answered.
  }

  @Override
  public void abort() {
    context().close();
  }

  @Override
  public boolean isClosing() {
    return false; // the connection's end is no matter of one answer
  }

  @Override
  public boolean isSecure() {
    return session.isSecure();
  }

  @Override
  public Optional<String> connectProtocol() {
    return connectProtocol;
  }

  @Override
  public void setDeadline(long delayNanos) {
    session.shard().timers().set(timer, delayNanos);
  }

  @Override
  public ByteBufAllocator allocator() {
    return context().alloc();
  }

  @Override
  public HubShard shard() {
    return session.shard();
  }

  // ---- the request ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof Http2HeadersFrame frame) {
        inputEnded |= frame.isEndStream();
        onHeaders(frame.headers());
      } else if (message instanceof Http2DataFrame frame) {
        inputEnded |= frame.isEndStream();
        onData(frame.content());
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** What comes after a body, trailers, says nothing that is asked for here. */
  private void onHeaders(Http2Headers fields) {
    if (answered || complete) {
      return;
    }
    if (exchange == null) {
      begin(fields);
    } else if (inputEnded) {
      complete(exchange);
    }
  }

  private void begin(Http2Headers fields) {
    if (fields.size() > RequestRules.MOST_FIELDS) {
      refuse(RequestRules.tooManyFields()); // counted when it is sent
      return;
    }
    HttpRequest request;
    try {
      Http2Fields.Head parsed = Http2Fields.request(fields);
      request = parsed.request();
      connectProtocol = parsed.connectProtocol();
    } catch (IllegalArgumentException e) {
      session.router().metrics().malformedRequests().increment();
      reset(Http2Error.PROTOCOL_ERROR);
      return;
    }
    Exchange arriving = session.router().open(this, Client.of(context().channel()), request);
    exchange = arriving;
    setDeadline(config().timing().handshake().toNanos());
    Optional<HttpError> problem = RequestRules.expectationProblem(request);
    if (problem.isPresent()) {
      refuseEarly(problem.get());
    } else if (RequestRules.declaredLength(request) > config().limits().requestBody()) {
      refuseBody();
    } else if (session.isFull()) {
      refuseFull();
    } else if (connectProtocol.isPresent()) {
      // What a client sends before it is answered waits until there is a WebSocket.
      context().channel().config().setAutoRead(false);
      complete(arriving);
    } else if (inputEnded) {
      complete(arriving);
    } else if (!session.router().examine(arriving)) {
      complete(arriving); // as has been decided
    } else if (HttpUtil.is100ContinueExpected(request)) {
      context()
          .writeAndFlush(
              new DefaultHttp2HeadersFrame(
                  Http2Fields.response(HttpResponseStatus.CONTINUE, List.of())));
    }
  }

  private void onData(ByteBuf part) {
    Exchange arriving = exchange;
    if (answered || complete || arriving == null) {
      return;
    }
    RequestBody parts = body;
    long now = session.shard().timers().nanoTime();
    if (parts == null) {
      long patience = config().timing().handshake().toNanos();
      parts = arriving.newBody(config().limits().requestBody(), new Pace(patience, now));
      body = parts;
    }
    switch (parts.add(part, now)) {
      case TOO_LARGE -> refuseBody();
      case NO_MEMORY -> refuseEarly(RequestRules.noMemory());
      case KEPT -> {
        held += part.readableBytes();
        session.hold(part.readableBytes());
        if (session.isFull()) {
          refuseFull();
        } else if (inputEnded) {
          arriving.setBody(parts.whole());
          complete(arriving);
        }
      }
    }
  }

  private void complete(Exchange whole) {
    complete = true;
    body = null;
    session.router().handle(whole);
  }

  private void refuseEarly(HttpError error) {
    Exchange arriving = Objects.requireNonNull(exchange);
    arriving.decide(error);
    complete(arriving);
  }

  // ---- the answer ----

  @Override
  public Answer encode(
      HttpResponseStatus status, List<Header> headers, boolean keepAlive, ByteBuf content) {
    return new Answer(status, headers, content);
  }

  @Override
  public Answer encodeEndless(HttpResponseStatus status, List<Header> headers, boolean keepAlive) {
    return new Answer(status, headers, Unpooled.EMPTY_BUFFER, true);
  }

  @Override
  public void finish(Answer answer, boolean withBody, boolean keepAlive) {
    answered = true;
    discard();
    if (!session.router().isReady()) {
      session.announceEnd();
    }
    HttpResponseStatus status = answer.status();
    Http2Headers fields = Http2Fields.response(status, answer.headers());
    int length = answer.bytes().readableBytes();
    if (Responses.hasBody(status) && !answer.endless()) {
      fields.setInt(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    boolean data = withBody && length > 0;
    setDeadline(config().timing().silence().toNanos());
    if (data) {
      session.hold(length);
      left = length;
      leftBefore = length + 1;
      context().write(new DefaultHttp2HeadersFrame(fields));
      write(answer.bytes());
      context().flush();
    } else {
      answer.bytes().release();
      context().writeAndFlush(new DefaultHttp2HeadersFrame(fields, true)).addListener(this::sent);
    }
  }

  private void sent(Future<?> done) {
    if (done.isSuccess()) {
      stopInput();
    } else if (context().channel().isOpen()) {
      // It can't be answered any more: the client mustn't wait for that.
      session.router().metrics().connectionFailed(done.cause());
      context().close();
    }
  }

  /** In pieces, so that it can be seen how it leaves. */
  private void write(ByteBuf bytes) {
    while (bytes.readableBytes() > PIECE) {
      context()
          .write(new DefaultHttp2DataFrame(bytes.readRetainedSlice(PIECE)))
          .addListener(done -> leave(PIECE));
    }
    int last = bytes.readableBytes();
    context()
        .write(new DefaultHttp2DataFrame(bytes, true))
        .addListener(
            done -> {
              leave(last);
              sent(done);
            });
  }

  private void leave(int bytes) {
    left -= bytes;
    session.hold(-bytes);
  }

  /** The answer is there: the client needn't say more (RFC 9113 section 8.1). */
  private void stopInput() {
    if (!inputEnded) {
      reset(Http2Error.NO_ERROR);
    }
  }

  @Override
  public void handOver(HttpResponseStatus status, List<Header> headers, StreamHandler successor) {
    ChannelHandlerContext ctx = context();
    answered = true;
    if (connectProtocol.isPresent()) {
      session.router().metrics().http2WebSockets().increment();
    }
    ctx.writeAndFlush(new DefaultHttp2HeadersFrame(Http2Fields.response(status, headers)));
    ctx.pipeline().addLast(new MultiplexedConnection(successor, inputEnded));
    ctx.pipeline().remove(this);
    ctx.channel().config().setAutoRead(true);
  }

  private void refuseBody() {
    session.router().metrics().oversizedBodies().increment();
    refuse(RequestRules.bodyTooLarge(config().limits().requestBody()));
  }

  private void refuseFull() {
    session.router().metrics().oversizedBodies().increment();
    refuse(
        new HttpError(
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                "The requests and answers of a connection have at most "
                    + config().limits().requestBody()
                    + " bytes at a time",
                new Header("Retry-After", "1"))
            .beyond(Limit.REQUEST_BODY));
  }

  private void refuse(HttpError error) {
    error.limit().ifPresent(session.router().metrics()::exceed);
    Exchange refused = exchange;
    List<Header> fields =
        session
            .router()
            .fieldsOf(error, refused == null ? null : refused.headers(), session.isSecure());
    if (refused != null) {
      refused.abort();
    }
    ByteBuf content = Responses.errorBody(allocator(), error);
    finish(new Answer(error.status(), fields, content), true, true);
  }

  private void reset(Http2Error error) {
    answered = true;
    discard();
    context().writeAndFlush(new DefaultHttp2ResetFrame(error));
  }

  private void discard() {
    session.hold(-held);
    held = 0;
    body = null;
  }

  private ServerConfig config() {
    return session.config();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }
}
