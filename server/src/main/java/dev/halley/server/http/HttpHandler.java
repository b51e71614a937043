package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.halley.server.Limit;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.arrival.Pace;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.OutputWatch;
import dev.halley.server.connection.PipelineConnection;
import dev.halley.server.connection.SocketUser;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.connection.Tcp;
import dev.halley.server.connection.TcpState;
import dev.halley.server.hub.ConnectionStart;
import dev.halley.server.hub.TimerWheel;
import dev.halley.server.meter.Via;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP connection: puts requests together, hands them on one at a time, answers in order.
 * Requests that come while one is under way wait, a bounded number of them; beyond it the
 * connection isn't read.
 */
final class HttpHandler extends ChannelInboundHandlerAdapter implements HttpConnection, SocketUser {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** What the decoder makes of a byte of a head, in memory. */
  private static final int HEAD_FACTOR = 4;

  private final HttpLoop loop;
  private final RequestDecoder decoder;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private final Queue<Exchange> waiting = new ArrayDeque<>(2);
  private final ConnectionStart start;
  private long written;
  private @Nullable ChannelHandlerContext context;

  /** The request whose head has come and whose end hasn't. */
  private @Nullable Exchange arriving;

  /** What is held of a head of which a part has come. */
  private Arrivals.@Nullable Share headShare;

  /** What has come of its body, if that comes in parts. */
  private @Nullable RequestBody body;

  private @Nullable Exchange current;
  private boolean reading;
  private boolean flushPending;
  private boolean closing;
  private boolean continueDue;
  private boolean preface;

  /** Whether the last request that is answered has come: nothing after it is looked at. */
  private boolean ignoring;

  private boolean answeredOne;
  private boolean leavingChannel;

  /** Our side has ended, and what the peer still sends is dropped until then. */
  private long lingerEndNanos;

  private long idleEndNanos;
  private boolean lingering;
  private boolean heard;
  private @Nullable OutputWatch watch;

  /** A connection that begins. */
  HttpHandler(HttpLoop loop, RequestDecoder decoder) {
    this(loop, decoder, loop.shard().newStart());
    loop.shard().timers().set(timer, loop.config().timing().handshake().toNanos());
  }

  /** A connection that goes on here, with what is under way. */
  HttpHandler(HttpLoop loop, RequestDecoder decoder, HttpHandover from) {
    this(loop, decoder, from.start());
    this.written = from.written();
    this.answeredOne = true;
    this.idleEndNanos =
        loop.shard().timers().nanoTime() + loop.config().timing().keepAlive().toNanos();
    this.current = from.current();
    loop.shard().timers().replace(from.timer(), timer);
    if (current != null) {
      current.continueOn(this);
    }
  }

  private HttpHandler(HttpLoop loop, RequestDecoder decoder, ConnectionStart start) {
    this.loop = loop;
    this.decoder = decoder;
    this.start = start;
  }

  // ---- the connection ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    loop.shard().meters().connections(Via.HTTP).increment();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    loop.shard().meters().connections(Via.HTTP).decrement();
    loop.shard().timers().cancel(timer);
    discardPartialRequest();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    onChannelClosed();
  }

  @Override
  public void onChannelClosed() {
    closing = true;
    loop.shard().timers().cancel(timer);
    discardPartialRequest();
    Exchange underWay = current;
    current = null;
    if (underWay != null) {
      underWay.abort();
    }
    for (Exchange exchange; (exchange = waiting.poll()) != null; ) {
      exchange.abort();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A reset by the peer, mostly; there is nobody left to tell.
    loop.router().metrics().connectionFailed(cause);
    Tcp.cut(ctx.channel());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      if (current == null && arriving == null && !closing) {
        // An answer that took long to leave: the time until the next request begins here.
        beginIdle();
      }
      ctx.executor().execute(this::goOn);
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    Exchange exchange = current;
    if (exchange != null) {
      exchange.onDeadline();
    } else if (!closing && (arriving != null || preface || !answeredOne)) {
      awaitRequest(nanoTime);
    } else if (OutputWatch.isPending(context().channel())) {
      awaitOutput(nanoTime);
    } else if (lingering && heard && nanoTime - lingerEndNanos < 0) {
      heard = false;
      setDeadline(LINGER_NANOS);
    } else if (watch != null && !closing) {
      // What took long to leave has left just now.
      watch = null;
      beginIdle();
    } else if (!closing && nanoTime - idleEndNanos < 0) {
      setDeadline(idleEndNanos - nanoTime);
    } else {
      if (!closing) {
        loop.router().metrics().exceed(Limit.KEEP_ALIVE_TIMEOUT);
      }
      context().close();
    }
  }

  /** What stood still with all else is as it was; what has come meanwhile may lie there unread. */
  @Override
  public void onLateDeadline(long nanoTime) {
    if (current != null && via() == Via.LONG_POLL) {
      onDeadline(nanoTime);
    } else {
      setDeadline(TimerWheel.SECOND_CHANCE_NANOS);
    }
  }

  /** A request that goes on arriving isn't cut for being long. */
  private void awaitRequest(long nanoTime) {
    long left = body == null ? 0 : body.nanosLeft(nanoTime);
    if (left > 0) {
      setDeadline(left);
    } else {
      loop.router().metrics().requestTimeouts().increment();
      refuse(RequestRules.timedOut());
    }
  }

  /** Goes on with an answer that is long in leaving, perhaps its connection's last. */
  void awaitOutput(long nanoTime, boolean last) {
    if (last) {
      closing = true;
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
    awaitOutput(nanoTime);
  }

  /**
   * An answer that goes on leaving isn't cut for being long; whoever takes next to none of it is.
   */
  private void awaitOutput(long nanoTime) {
    long silence = loop.config().timing().silence().toNanos();
    long unanswered = TcpState.of(context().channel()).map(TcpState::unansweredNanos).orElse(0L);
    OutputWatch looked = watch;
    if (looked == null) {
      watch = new OutputWatch(context().channel(), nanoTime);
    }
    if (unanswered >= silence
        || (looked != null
            && looked.isTime(nanoTime, silence)
            && !looked.advances(context().channel(), nanoTime))) {
      loop.router().metrics().exceed(Limit.SILENCE_TIMEOUT);
      context().close();
      return;
    }
    setDeadline(silence - unanswered);
  }

  /** All is answered: the next request is waited for from now on. */
  private void beginIdle() {
    idleEndNanos = loop.shard().timers().nanoTime() + loop.config().timing().keepAlive().toNanos();
    setDeadline(loop.firstLookNanos());
  }

  @Override
  public void onDrain() {
    Exchange exchange = current;
    if (exchange != null) {
      exchange.onDrain();
    } else if (arriving == null && waiting.isEmpty() && !closing) {
      // When the last answer has left: it may be under way.
      closing = true;
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
    // A request that is arriving is answered, and that answer is the last.
  }

  @Override
  public void abort() {
    Tcp.cut(context().channel());
  }

  @Override
  public boolean isClosing() {
    return closing || !loop.router().isReady();
  }

  @Override
  public boolean isSecure() {
    return Tcp.isEncrypted(context().pipeline());
  }

  @Override
  public void setDeadline(long delayNanos) {
    loop.shard().timers().set(timer, delayNanos);
  }

  @Override
  public ByteBufAllocator allocator() {
    return context().alloc();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    Exchange exchange = current;
    return exchange == null
        ? Client.of(context().channel()).address()
        : exchange.client().address();
  }

  @Override
  public HttpLoop loop() {
    return loop;
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
  public long pendingBytes() {
    ChannelOutboundBuffer pending = context().channel().unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  @Override
  public long writtenBytes() {
    return written;
  }

  @Override
  public void disconnect() {
    context().close();
  }

  // ---- requests ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = true;
    try {
      if (closing || ignoring) {
        heard = true;
        return; // dropped
      }
      if (message instanceof HttpRequest request) {
        begin(request);
      }
      if (message instanceof HttpContent content && (arriving != null || preface)) {
        append(content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    Exchange exchange = arriving;
    if (exchange != null && !exchange.isExamined()) {
      examine(exchange); // its body may be long in coming
    } else if (exchange == null && !closing && !ignoring && !preface) {
      holdHead(decoder.partialBytes());
    }
    if (flushPending) {
      flushPending = false;
      ctx.flush();
    }
  }

  /** A head that comes in parts is kept by the decoder. */
  private void holdHead(int bytes) {
    Arrivals.Share share = headShare;
    if (share == null) {
      if (bytes == 0) {
        return;
      }
      InetAddress address = Client.of(context().channel()).address().getAddress();
      share = loop.shard().arrivals().share(address);
      headShare = share;
    }
    if (!share.hold((long) HEAD_FACTOR * bytes)) {
      refuse(RequestRules.noMemory());
    } else if (bytes == 0) {
      forgetHead();
    }
  }

  private void forgetHead() {
    if (headShare != null) {
      headShare.release();
      headShare = null;
    }
  }

  private void begin(HttpRequest request) {
    forgetHead();
    if (request.decoderResult().isFailure()) {
      loop.router().metrics().malformedRequests().increment();
      HttpHeaders known =
          request.headers().contains(HttpHeaderNames.ORIGIN) ? request.headers() : null;
      refuse(RequestRules.malformed(request.decoderResult().cause()), known);
      return;
    }
    if (isPreface(request)) {
      preface = true;
      return;
    }
    Optional<HttpError> problem = RequestRules.problem(request);
    if (problem.isPresent()) {
      refuse(problem.get(), request.headers());
      return;
    }
    Exchange exchange = loop.router().open(this, Client.of(context().channel()), request);
    arriving = exchange;
    if (current == null) {
      setDeadline(loop.config().timing().handshake().toNanos());
    }
    if (RequestRules.declaredLength(request) > loop.config().limits().requestBody()) {
      refuseBody();
    } else if (HttpUtil.is100ContinueExpected(request) && examine(exchange)) {
      continueDue = true;
      continueIfDue();
    }
  }

  /** Looks at a request whose body is still to come; says whether it is to be waited for. */
  private boolean examine(Exchange exchange) {
    boolean goesOn = loop.router().examine(exchange);
    if (!goesOn) {
      answerEarly(exchange);
    }
    return goesOn;
  }

  /** It is answered in its turn as has been decided; what still comes is dropped. */
  private void answerEarly(Exchange exchange) {
    ignoring = true;
    arriving = null;
    setLingerEnd(exchange.declaredLength());
    discardPartialRequest();
    waiting.add(exchange);
    next();
  }

  /**
   * The preface of HTTP/2 begins like a request; a client that knows what it will find sends it at
   * once (RFC 9113 section 3.3). With TLS it is agreed on before.
   */
  private boolean isPreface(HttpRequest request) {
    return request.method().name().equals("PRI")
        && request.protocolVersion().majorVersion() == 2
        && request.uri().equals("*")
        && request.headers().isEmpty()
        && !answeredOne
        && current == null
        && waiting.isEmpty()
        && !isSecure();
  }

  private void switchToHttp2() {
    ChannelHandlerContext ctx = context();
    closing = true;
    Http2Session.begin(ctx.pipeline(), loop.router(), loop.config(), shard());
    ctx.fireChannelRead(Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\n", US_ASCII));
    // As when a stream takes over: the decoder's rest goes to the handler behind it.
    ctx.pipeline().remove(this);
    HttpLoop.removeDecoder(ctx.pipeline());
  }

  /** A 100 is an answer: those to earlier requests go before it (RFC 9112 section 9.3.2). */
  private void continueIfDue() {
    if (continueDue && current == null && waiting.isEmpty()) {
      continueDue = false;
      ByteBuf proceed = Unpooled.copiedBuffer("HTTP/1.1 100 Continue\r\n\r\n", US_ASCII);
      context().writeAndFlush(proceed, Tcp.promise(context()));
    }
  }

  private void append(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      loop.router().metrics().malformedRequests().increment();
      refuse(RequestRules.malformed(content.decoderResult().cause()));
      return;
    }
    boolean isLast = content instanceof LastHttpContent;
    ByteBuf part = content.content();
    if (preface) {
      if (isLast) {
        switchToHttp2();
      }
    } else if (isLast && body == null) {
      appendWhole(part);
    } else {
      appendPart(part, isLast);
    }
  }

  private void appendWhole(ByteBuf whole) {
    if (whole.readableBytes() > loop.config().limits().requestBody()) {
      refuseBody();
      return;
    }
    Exchange exchange = Objects.requireNonNull(arriving);
    if (whole.isReadable()) {
      exchange.setBody(whole.retain());
    }
    complete(exchange);
  }

  private void appendPart(ByteBuf part, boolean isLast) {
    Exchange exchange = Objects.requireNonNull(arriving);
    if (!exchange.isExamined() && !examine(exchange)) {
      return;
    }
    RequestBody parts = body;
    if (parts == null) {
      long patience = loop.config().timing().handshake().toNanos();
      parts = exchange.newBody(loop.config().limits().requestBody(), new Pace(patience, now()));
      body = parts;
    }
    switch (parts.add(part, now())) {
      case TOO_LARGE -> refuseBody();
      case NO_MEMORY -> {
        exchange.decide(RequestRules.noMemory());
        answerEarly(exchange);
      }
      case KEPT -> {
        if (isLast) {
          exchange.setBody(parts.whole());
          complete(exchange);
        }
      }
    }
  }

  private long now() {
    return loop.shard().timers().nanoTime();
  }

  private void complete(Exchange exchange) {
    continueDue = false;
    arriving = null;
    body = null;
    if ((current != null || !waiting.isEmpty()) && !exchange.keepForLater()) {
      exchange.decide(RequestRules.noMemory());
      ignoring = true;
    }
    waiting.add(exchange);
    ChannelConfig channel = context().channel().config();
    if (waiting.size() > loop.config().limits().pipelinedRequests() && channel.isAutoRead()) {
      loop.router().metrics().exceed(Limit.PIPELINED_REQUESTS);
      channel.setAutoRead(false);
    }
    next();
  }

  /** What a task of its own throws is no matter of the loop. */
  private void goOn() {
    try {
      next();
    } catch (Throwable e) {
      exceptionCaught(context(), e);
    }
  }

  private void next() {
    while (current == null && !closing && context().channel().isWritable()) {
      Exchange exchange = waiting.poll();
      if (exchange == null) {
        return;
      }
      if (waiting.isEmpty()) {
        context().channel().config().setAutoRead(true);
      }
      current = exchange;
      loop.router().handle(exchange);
    }
  }

  // ---- answers ----

  @Override
  public void finish(Answer answer, boolean withBody, boolean keepAlive) {
    ByteBuf response = withBody ? answer.bytes() : Responses.headOf(answer.bytes());
    written += response.readableBytes();
    answeredOne = true;
    current = null;
    if (arriving == null) {
      beginIdle();
    } else {
      setDeadline(arrivalNanosLeft());
    }
    if (!keepAlive) {
      closing = true;
      boolean moreComes = ignoring || arriving != null;
      context()
          .writeAndFlush(response)
          .addListener(moreComes ? done -> lingerThenClose() : ChannelFutureListener.CLOSE);
      return;
    }
    context().write(response, Tcp.promise(context()));
    if (reading) {
      flushPending = true;
    } else {
      context().flush();
    }
    if (!waiting.isEmpty()) {
      context().executor().execute(this::goOn);
    } else {
      continueIfDue();
    }
  }

  private long arrivalNanosLeft() {
    return body == null
        ? loop.config().timing().handshake().toNanos()
        : Math.max(1, body.nanosLeft(now()));
  }

  /** Nothing but {@code successor} uses it afterwards. */
  @Override
  public void handOver(HttpResponseStatus status, List<Header> headers, StreamHandler successor) {
    ByteBuf headBytes = allocator().directBuffer(512);
    try {
      Responses.writeHead(headBytes, status, headers);
    } catch (Throwable e) {
      headBytes.release();
      throw e;
    }
    ChannelHandlerContext ctx = context();
    current = null;
    closing = true;
    loop.shard().timers().cancel(timer);
    ctx.writeAndFlush(headBytes, Tcp.promise(ctx));
    PipelineConnection connection = loop.router().streams().open(ctx.pipeline(), successor);
    // In this order: what the decoder hasn't decoded goes to the handler behind it.
    ctx.pipeline().remove(this);
    HttpLoop.removeDecoder(ctx.pipeline());
    for (Exchange exchange; (exchange = waiting.poll()) != null; ) {
      exchange.abort();
    }
    ctx.channel().config().setAutoRead(true);
    loop.router().streams().settle(connection);
  }

  // ---- without a channel ----

  /** What waits needs no channel, which is most of what it would keep. */
  @Override
  public void onParked() {
    if (!leavingChannel) {
      leavingChannel = true;
      loop.takeOut(context().channel(), this);
    }
  }

  @Override
  public Optional<StreamHandler> leaveChannel() {
    leavingChannel = false;
    Exchange parked = current;
    if (closing
        || parked == null
        || via() != Via.LONG_POLL
        || !parked.keepAlive()
        || !waiting.isEmpty()
        || !HttpLoop.isIdle(context().pipeline())
        || pendingBytes() > 0) {
      return Optional.empty();
    }
    closing = true;
    current = null;
    return Optional.of(new ParkedConnection(loop, new HttpHandover(start, written, timer, parked)));
  }

  /** Goes on with bytes that came before there was a channel; they are taken over. */
  void receive(ByteBuf bytes) {
    context().pipeline().fireChannelRead(bytes);
    context().pipeline().fireChannelReadComplete();
  }

  // ---- refusals ----

  private void refuseBody() {
    loop.router().metrics().oversizedBodies().increment();
    refuse(RequestRules.bodyTooLarge(loop.config().limits().requestBody()));
  }

  /** Answers what arrives and can't be a request. */
  private void refuse(HttpError error) {
    refuse(error, arriving == null ? null : arriving.headers());
  }

  /**
   * Answers what can't be a request and closes; the request under way, if any, is given up.
   *
   * @param headers those of what is refused; null if they aren't known
   */
  private void refuse(HttpError error, @Nullable HttpHeaders headers) {
    List<Header> fields = loop.router().fieldsOf(error, headers, isSecure());
    long underWayLength = arriving == null ? 0 : arriving.declaredLength();
    error.limit().ifPresent(loop.router().metrics()::exceed);
    closing = true;
    discardPartialRequest();
    Exchange underWay = current;
    current = null;
    if (underWay != null) {
      underWay.abort();
    }
    setLingerEnd(underWayLength);
    setDeadline(loop.config().timing().silence().toNanos());
    ByteBuf content = Responses.errorBody(allocator(), error);
    ByteBuf response = Responses.encode(allocator(), error.status(), fields, false, content);
    context().writeAndFlush(response).addListener(done -> lingerThenClose());
  }

  private void setLingerEnd(long declaredLength) {
    lingerEndNanos =
        now()
            + RequestRules.arrivalNanos(
                loop.config().timing().handshake(),
                declaredLength,
                loop.config().limits().requestBody());
  }

  /**
   * What the peer still sends is read and dropped while it comes: closing a socket with unread
   * input resets it, and the answer might never be seen (RFC 9112 section 9.6).
   */
  private void lingerThenClose() {
    Tcp.endOutput(context().pipeline());
    lingering = true;
    setDeadline(LINGER_NANOS);
  }

  private void discardPartialRequest() {
    continueDue = false;
    preface = false;
    body = null;
    forgetHead();
    Exchange partial = arriving;
    arriving = null;
    if (partial != null) {
      partial.abort();
    }
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }
}
