package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.arrival.Pace;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.connection.Visit;
import dev.halley.server.hub.HubShard;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request and the way to answer it, once. Used on its connection's event loop. */
public final class Exchange {
  /** Somebody who works on an exchange for longer than one turn of the loop. */
  public interface Holder {
    /** The deadline that {@link #hold} set has passed. */
    void onDeadline();

    /** The server drains: answer now. */
    void onDrain();

    /** The connection is gone: let go of everything; there is nobody to answer. */
    void onAbort();
  }

  private static final String ACCESS_CONTROL = "Access-Control-";
  private static final String ALLOW_ORIGIN = ACCESS_CONTROL + "Allow-Origin";

  /** What a request takes up while it waits, besides its target and its fields. */
  private static final int HEAD_COST = 1_024;

  private static final int FIELD_COST = 256;

  private Requester connection;
  private final HttpMethod method;
  private final HttpVersion version;
  private final Client client;
  private ByteBuf body = Unpooled.EMPTY_BUFFER;
  private Arrivals.@Nullable Share share;
  private boolean persistent;
  private boolean admitted;
  private boolean examined;
  private boolean bodyIsWanted = true;
  private @Nullable HttpError decided;
  private @Nullable HttpRequest request;
  private List<Header> commonHeaders = List.of();
  private @Nullable Holder holder;
  private @Nullable Visit visit;
  private @Nullable Runnable unlessHandedOver;
  private boolean answered;

  Exchange(Requester connection, HttpRequest request, Client client) {
    this.connection = connection;
    this.method = request.method();
    this.version = request.protocolVersion();
    this.request = request;
    this.client = client;
    this.persistent = HttpUtil.isKeepAlive(request);
  }

  /** The request's method, as sent. */
  public String method() {
    return method.name();
  }

  /** Whether the answer is to be that of {@code GET} without its body (RFC 9110 section 9.3.2). */
  public boolean isHead() {
    return method.equals(HttpMethod.HEAD);
  }

  /** The request's target, as sent; empty after {@link #forgetHead}. */
  public String target() {
    return request == null ? "" : request.uri();
  }

  /** Puts the origin-form of its target and the Host in the place of an absolute-form. */
  void retarget(String target, String authority) {
    if (request != null) {
      request.setUri(target);
      request.headers().set(HttpHeaderNames.HOST, authority);
    }
  }

  /** The request's header fields; none after {@link #forgetHead}. */
  public HttpHeaders headers() {
    return request == null ? EmptyHttpHeaders.INSTANCE : request.headers();
  }

  /** The request's version, as {@code HTTP/1.1}. */
  public String version() {
    return version.text();
  }

  /**
   * What it wants to listen to.
   *
   * @param path that of the target
   * @throws HttpError 400 with the rule that was broken
   */
  ListenRequest listenRequest(String path, ServerConfig config) {
    return request instanceof RecentRequest recent
        ? recent.listening(this, path, config)
        : ListenRequest.parse(this, path, config);
  }

  /** Whether it is one of the requests of a connection of HTTP/2. */
  public boolean isHttp2() {
    return version.majorVersion() == 2;
  }

  /** Whether the client sent it encrypted, as far as that is known. */
  public boolean isSecure() {
    return client.isSecure().orElse(connection.isSecure());
  }

  /** The protocol that an extended CONNECT wants (RFC 8441); none in HTTP/1.1. */
  public Optional<String> connectProtocol() {
    return connection.connectProtocol();
  }

  /**
   * Whether it wants to become a WebSocket. Other protocols are no matter of ours, and HTTP/1.0 has
   * none to change to (RFC 9110 section 7.8).
   */
  public boolean wantsWebSocket() {
    return connectProtocol().isPresent()
        || (isHttp11()
            && !isHead()
            && headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true));
  }

  /** Whether the peer knows chunked coding, that is, HTTP/1.1 and neither 1.0 nor 2. */
  public boolean isHttp11() {
    return version.equals(HttpVersion.HTTP_1_1);
  }

  /** The length that the head announces for the body, 0 if it says nothing of it. */
  long declaredLength() {
    return request == null ? 0 : RequestRules.declaredLength(request);
  }

  // ---- while it arrives, and before it is its turn

  /** Whether the checks that each request goes through are behind it. */
  boolean isAdmitted() {
    return admitted;
  }

  void setAdmitted() {
    admitted = true;
  }

  /** Whether somebody has looked at its head before the body has come. */
  boolean isExamined() {
    return examined;
  }

  /** Its head has been looked at; {@code wanted} if there is anything to do with a body. */
  void setExamined(boolean wanted) {
    examined = true;
    bodyIsWanted = wanted;
  }

  /** How it is answered, whatever else comes, and with that the connection ends. */
  void decide(HttpError error) {
    decided = error;
    persistent = false;
  }

  /** How it is answered, if that has been decided before its turn. */
  @Nullable HttpError decided() {
    return decided;
  }

  /** A place for a body that comes in parts. */
  RequestBody newBody(int mostBytes, Pace pace) {
    long declared = declaredLength();
    int room = declared > 0 ? (int) Math.min(declared, mostBytes) : mostBytes;
    return new RequestBody(mostBytes, room, bodyIsWanted, share(), pace);
  }

  /** The body has come, and is taken over. */
  void setBody(ByteBuf whole) {
    body = whole;
  }

  /**
   * It waits for another one of its connection: what it keeps is counted, and nothing of the buffer
   * that it was read into is kept. Says whether there is memory for it.
   */
  boolean keepForLater() {
    long cost = HEAD_COST + 2L * target().length() + (long) FIELD_COST * headers().size();
    if (body.isReadable() && share().bytes() == 0) {
      if (!share().hold(cost + body.readableBytes())) {
        return false;
      }
      ByteBuf read = body;
      body = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(read));
      read.release();
      return true;
    }
    return share().hold(share().bytes() + cost);
  }

  /**
   * The request's body, which from here on is the caller's. What it takes up counts until the
   * exchange has ended.
   *
   * @throws HttpError if there is no memory for it
   */
  byte[] takeBody() {
    ByteBuf whole = body;
    body = Unpooled.EMPTY_BUFFER;
    try {
      boolean isKept = whole.hasArray() && whole.array().length == whole.readableBytes();
      holdMore(isKept ? 0 : whole.readableBytes());
      return isKept ? whole.array() : ByteBufUtil.getBytes(whole);
    } finally {
      whole.release();
    }
  }

  /**
   * It takes up more memory than before, until it has ended.
   *
   * @throws HttpError if there isn't any
   */
  void holdMore(long bytes) {
    if (!share().holdComplete(share().bytes() + bytes)) {
      throw RequestRules.noMemory();
    }
  }

  /** What it holds of the memory for what arrives. */
  Arrivals.Share share() {
    Arrivals.Share mine = share;
    if (mine == null) {
      mine = connection.shard().arrivals().share(client.address().getAddress());
      share = mine;
    }
    return mine;
  }

  /** Who sent it: whoever is at the other end of the connection, or behind a trusted proxy. */
  Client client() {
    return client;
  }

  /** The address of who sent it. */
  public InetSocketAddress remoteAddress() {
    return client.address();
  }

  /** From here on it is counted for who sent it, and for all that it was counted for before. */
  void begin(Visit begun) {
    visit = visit == null ? begun : visit.and(begun.end());
  }

  /** Runs a task at the end, be it an answer or the connection's, unless it is handed over. */
  void unlessHandedOver(Runnable task) {
    if (answered) {
      task.run();
    } else {
      unlessHandedOver = task;
    }
  }

  /** Where the connection's buffers come from. */
  public ByteBufAllocator allocator() {
    return connection.allocator();
  }

  /** The loop that everything of this exchange runs on. */
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  /** The shard of that loop. */
  public HubShard shard() {
    return connection.shard();
  }

  /** Whether the connection stays open after the answer. */
  public boolean keepAlive() {
    return persistent && !connection.isClosing();
  }

  /** Adds a field to whatever the answer will be. */
  public void addHeader(Header header) {
    if (commonHeaders.isEmpty()) {
      commonHeaders = new ArrayList<>(4);
    }
    commonHeaders.add(header);
  }

  /** The fields that belong to whatever the answer will be. */
  public List<Header> commonHeaders() {
    return commonHeaders;
  }

  /** Keeps the exchange open; the holder must answer it. */
  public void hold(Holder newHolder, long deadlineNanos) {
    holder = newHolder;
    connection.setDeadline(deadlineNanos);
  }

  /**
   * Lets go of the request's target and header fields: with thousands that wait for long, what each
   * of them keeps is copied by the collector again and again.
   */
  void forgetHead() {
    request = null;
  }

  /** It waits for what may be long in coming. */
  void parked() {
    connection.onParked();
  }

  /** Its connection is another one from here on, on the same loop. */
  void continueOn(Requester successor) {
    connection = successor;
  }

  /** Answers. {@code content} is released. */
  public void respond(HttpResponseStatus status, List<Header> headers, ByteBuf content) {
    respondEncoded(encode(status, headers, content));
  }

  /** The answer that {@link #respond} would send. {@code content} is released or taken over. */
  Answer encode(HttpResponseStatus status, List<Header> headers, ByteBuf content) {
    return connection.encode(status, withPersistence(withCommon(headers)), keepAlive(), content);
  }

  /** Answers with what {@link #encode} made of the same for this exchange, or one like it. */
  void respondEncoded(Answer answer) {
    if (answered) {
      answer.bytes().release();
      return;
    }
    if (connectProtocol().isPresent() && answer.status().code() < 300) {
      // To the client it would be a WebSocket.
      answer.bytes().release();
      fail(new HttpError(HttpResponseStatus.NOT_FOUND, "No WebSocket begins at this path"));
      return;
    }
    boolean staysOpen = keepAlive();
    end();
    connection.finish(answer, !isHead(), staysOpen);
  }

  /** Answers with an error; if even that can't be done, the connection ends. */
  public void fail(HttpError error) {
    try {
      respondError(error);
    } catch (Throwable e) {
      connection.abort();
      throw e;
    }
  }

  /** Ends the connection: what is wrong can't be answered. Must not throw. */
  void abandon() {
    connection.abort();
  }

  private void respondError(HttpError error) {
    ByteBuf content = Responses.errorBody(allocator(), error);
    List<Header> headers = new ArrayList<>(error.headers());
    headers.add(new Header("Content-Type", "application/json"));
    headers.add(new Header("Cache-Control", "no-store"));
    respond(error.status(), headers, content);
  }

  /** Answers without a body. */
  public void respondEmpty(HttpResponseStatus status, List<Header> headers) {
    respond(status, headers, Unpooled.EMPTY_BUFFER);
  }

  /** Answers a HEAD for what has a body without a length. */
  void respondEndless(HttpResponseStatus status, List<Header> headers) {
    respondEncoded(connection.encodeEndless(status, withCommon(headers), keepAlive()));
  }

  /** Answers with a head and gives the connection to {@code successor}, which writes the rest. */
  public void handOver(HttpResponseStatus status, List<Header> headers, StreamHandler successor) {
    successor.continueVisit(visit);
    visit = null;
    unlessHandedOver = null;
    end();
    // The common fields let a page read an answer; a WebSocket's handshake is none that it reads.
    boolean opensSocket =
        status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS) || connectProtocol().isPresent();
    try {
      connection.handOver(status, opensSocket ? headers : withCommon(headers), successor);
    } catch (Throwable e) {
      successor.abandon();
      connection.abort();
      throw e;
    }
  }

  /** Whether it has been answered or given up. */
  public boolean isAnswered() {
    return answered;
  }

  @Nullable Holder holder() {
    return holder;
  }

  /** The deadline of its connection has passed. */
  void onDeadline() {
    if (holder != null) {
      holder.onDeadline();
    }
  }

  /** The server drains. */
  void onDrain() {
    if (holder != null) {
      holder.onDrain();
    }
  }

  /** The connection is gone. */
  void abort() {
    if (!answered) {
      Holder waiting = holder;
      end();
      if (waiting != null) {
        waiting.onAbort();
      }
    }
  }

  /** A client of HTTP/1.0 doesn't take it for granted (RFC 9112 section 9.3). */
  private List<Header> withPersistence(List<Header> headers) {
    if (!version.equals(HttpVersion.HTTP_1_0) || !keepAlive()) {
      return headers;
    }
    List<Header> all = new ArrayList<>(headers);
    all.add(new Header("Connection", "keep-alive"));
    return all;
  }

  private List<Header> withCommon(List<Header> headers) {
    if (commonHeaders.isEmpty()) {
      return headers;
    }
    List<Header> all = new ArrayList<>(headers.size() + commonHeaders.size());
    all.addAll(headers);
    // An application that speaks to other pages itself is not contradicted.
    boolean saysItself = headers.stream().anyMatch(it -> it.name().equalsIgnoreCase(ALLOW_ORIGIN));
    for (Header common : commonHeaders) {
      if (!saysItself || !common.name().startsWith(ACCESS_CONTROL)) {
        all.add(common);
      }
    }
    return all;
  }

  private void end() {
    answered = true;
    holder = null;
    body.release();
    body = Unpooled.EMPTY_BUFFER;
    if (share != null) {
      share.release();
      share = null;
    }
    if (visit != null) {
      visit.end().run();
      visit = null;
    }
    if (unlessHandedOver != null) {
      unlessHandedOver.run();
      unlessHandedOver = null;
    }
  }
}
