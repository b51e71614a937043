package dev.halley.inspector.dissect;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Direction;
import dev.halley.inspector.HandshakeReport;
import dev.halley.inspector.TapEvent;
import dev.halley.websocket.DeflatePool;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is said on one connection, in both directions: bytes in, events out, without I/O, threads or
 * clocks. It serves one thread at a time.
 */
public final class Conversation {
  private static final int MOST_EXCHANGES = 1024;
  private static final int PARTIAL_CONTENT = 206;
  private static final String REQUEST_SECTION = "RFC 9112 section 3.2";
  private static final String BODY_SECTION = "RFC 9112 section 6.1";

  private final long id;
  private final Options options;
  private final Consumer<TapEvent> sink;
  private final Wire wire;
  private final Side client;
  private final Side server;

  private final Queue<Exchange> pending = new ArrayDeque<>();
  private long exchanges;
  private String target = "";
  private @Nullable DeflatePool pool;
  private @Nullable Http2Conversation http2;
  private boolean isClosed;
  private boolean joinedLate;

  /**
   * A conversation at its begin.
   *
   * @param id which connection it is
   * @param sink takes what is found, on the thread that brings the bytes
   * @param wire takes the bytes, secrets masked
   */
  public Conversation(long id, Options options, Consumer<TapEvent> sink, Wire wire) {
    this.id = id;
    this.options = options;
    this.sink = sink;
    this.wire = wire;
    client = new Side(Direction.TO_SERVER);
    server = new Side(Direction.TO_CLIENT);
  }

  /** The connection stands. */
  public void opened(String clientName, String serverName, long micros) {
    sink.accept(new TapEvent.Opened(id, micros, clientName, serverName));
  }

  /** Something about a direction that its bytes don't tell. */
  public void note(Direction direction, String text, long micros) {
    sink.accept(new TapEvent.Notice(id, micros, direction, text, List.of()));
  }

  /** What was said before isn't known, so nobody is to blame for what refers to it. */
  public void joinLate() {
    joinedLate = true;
  }

  /** Takes the bytes that remain in the buffer; they are not changed, nor is its position. */
  public void bytes(Direction direction, ByteBuffer bytes, long micros) {
    Side side = side(direction);
    side.total += bytes.remaining();
    side.http.feed(bytes.duplicate(), micros);
  }

  /** So many bytes passed that nobody has. */
  public void missing(Direction direction, long count, long micros) {
    Side side = side(direction);
    side.total += count;
    side.http.becomeOpaque(count + " bytes are missing", micros);
  }

  /** No more bytes will come in that direction. */
  public void end(Direction direction, long micros) {
    Side side = side(direction);
    if (!side.ended) {
      side.ended = true;
      side.http.end(micros);
      wire.end(direction, micros);
    }
  }

  /** The connection is over. */
  public void closed(boolean broken, String how, long micros) {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (broken) {
      client.http.end(micros);
      server.http.end(micros);
      wire.broken(micros);
    } else {
      end(Direction.TO_SERVER, micros);
      end(Direction.TO_CLIENT, micros);
    }
    if (http2 != null) {
      http2.closed(micros);
    }
    boolean abnormal = client.frames != null && !client.hasClosed() && !server.hasClosed();
    String words = abnormal ? how + ", without a close frame (1006)" : how;
    sink.accept(new TapEvent.Closed(id, micros, words, client.total, server.total, List.of()));
    if (pool != null) {
      pool.close();
    }
  }

  private Side side(Direction direction) {
    return direction == Direction.TO_SERVER ? client : server;
  }

  /** A request that waits for its response. */
  private static final class Exchange {
    final long number;
    final Head head;
    final boolean asksToWait;
    long completeMicros;

    Exchange(long number, Head head, long micros) {
      this.number = number;
      this.head = head;
      completeMicros = micros;
      asksToWait =
          head.lower("Prefer").contains("wait=")
              || head.second().contains("?wait=")
              || head.second().contains("&wait=");
    }
  }

  /** One direction. */
  private final class Side implements HttpListener, FrameDissector.FrameListener {
    final Direction direction;
    final WireOut out;
    final HttpDissector http;
    final BodyView body;
    @Nullable FrameDissector frames;
    @Nullable Exchange exchange;
    long total;
    boolean ended;
    boolean isHttp2;

    Side(Direction direction) {
      this.direction = direction;
      out = new WireOut(wire, direction);
      http = new HttpDissector(this, out, options);
      body = new BodyView(options, out);
    }

    boolean hasClosed() {
      return frames != null && frames.isClosed();
    }

    // ---- HTTP

    @Override
    public Framing head(Head head, long micros) {
      return direction == Direction.TO_SERVER ? request(head, micros) : response(head, micros);
    }

    @Override
    public void body(byte[] content, int length, long micros) {
      body.feed(content, length, micros);
    }

    @Override
    public void bodyEnd(boolean complete, long micros) {
      if (direction == Direction.TO_SERVER && exchange != null) {
        exchange.completeMicros = micros;
      }
      long number = exchange == null ? 0 : exchange.number;
      body.end(complete)
          .ifPresent(it -> sink.accept(it.event(id, direction, number, target, complete, micros)));
    }

    @Override
    public boolean settingsFirst(long micros) {
      if (direction == Direction.TO_SERVER) {
        return false;
      }
      becomeHttp2(this, micros);
      return true;
    }

    @Override
    public void opaque(String why, long micros) {
      sink.accept(
          new TapEvent.Notice(
              id, micros, direction, "from here on only bytes are counted: " + why, List.of()));
    }

    // ---- frames

    @Override
    public void frame(FrameDissector.Found found, long micros) {
      sink.accept(found.event(id, 0, target, micros));
    }

    @Override
    public void lost(Breach breach, long micros) {
      opaque("nobody can tell where the next frame begins", micros);
    }

    void becomeFrames(Optional<Inflation> inflation, long micros) {
      FrameDissector dissector = new FrameDissector(direction, inflation, options, out, this);
      frames = dissector;
      http.become(dissector, micros);
    }
  }

  private void becomeHttp2(Side side, long micros) {
    if (http2 == null) {
      http2 = new Http2Conversation(id, options, sink, client.out, server.out);
    }
    if (!side.isHttp2) {
      side.isHttp2 = true;
      side.http.become(http2.side(side.direction), micros);
    }
  }

  // ---- requests

  private Framing request(Head head, long micros) {
    if (head.first().equals("PRI") && head.third().startsWith("HTTP/2")) {
      becomeHttp2(client, micros);
      becomeHttp2(server, micros);
      return new Framing.Following();
    }
    if (!head.third().startsWith("HTTP/")) {
      client.opaque("no HTTP", micros);
      return new Framing.Opaque();
    }
    Exchange exchange = new Exchange(++exchanges, head, micros);
    client.exchange = exchange;
    if (pending.size() < MOST_EXCHANGES) {
      pending.add(exchange);
    }
    List<Breach> breaches = new ArrayList<>();
    checkBody(head, breaches);
    boolean upgrade = head.isUpgradeToWebSocket();
    if (upgrade) {
      breaches.addAll(HandshakeCheck.ofRequest(head));
    } else if (head.third().equals("HTTP/1.1") && head.all("Host").size() != 1) {
      breaches.add(new Breach("Host must be there exactly once.", REQUEST_SECTION));
    }
    target = head.second();
    client.body.begin(head, false, Optional.empty());
    sink.accept(
        new TapEvent.Request(
            id,
            micros,
            exchange.number,
            head.first(),
            head.second(),
            head.third(),
            head.headers(),
            head.length(),
            List.copyOf(breaches)));
    if (head.isChunked()) {
      return new Framing.Chunked();
    }
    long length = head.contentLength().orElse(0);
    if (length > 0) {
      return new Framing.Counted(length);
    }
    return upgrade || head.first().equals("CONNECT") ? new Framing.Waiting() : new Framing.None();
  }

  private static void checkBody(Head head, List<Breach> breaches) {
    if (!head.all("Transfer-Encoding").isEmpty() && !head.all("Content-Length").isEmpty()) {
      breaches.add(
          new Breach("Transfer-Encoding and Content-Length exclude each other.", BODY_SECTION));
    }
  }

  // ---- responses

  private Framing response(Head head, long micros) {
    int status = status(head);
    if (status < 0) {
      server.opaque("no HTTP", micros);
      return new Framing.Opaque();
    }
    boolean interim = status < 200 && status != 101;
    Exchange exchange = interim ? pending.peek() : pending.poll();
    server.exchange = exchange;
    List<Breach> breaches = new ArrayList<>();
    checkBody(head, breaches);
    if (exchange == null && !joinedLate) {
      breaches.add(new Breach("A response must follow a request.", "RFC 9110 section 3.4"));
    } else if (exchange != null) {
      target = exchange.head.second();
    }
    sink.accept(
        new TapEvent.Response(
            id,
            micros,
            exchange == null ? 0 : exchange.number,
            status,
            head.third(),
            head.first(),
            head.headers(),
            head.length(),
            exchange == null ? 0 : Math.max(0, micros - exchange.completeMicros),
            target,
            exchange != null && exchange.asksToWait,
            List.copyOf(breaches)));
    if (interim) {
      return new Framing.None();
    }
    if (status == 101) {
      return upgraded(exchange, head, micros);
    }
    return answered(exchange, status, head, micros);
  }

  private Framing upgraded(@Nullable Exchange exchange, Head head, long micros) {
    if (exchange != null && head.lower("Upgrade").equals("h2c")) {
      becomeHttp2(server, micros);
      http2Upgraded(exchange.head, micros);
      return new Framing.Following();
    }
    if (exchange == null || !exchange.head.isUpgradeToWebSocket()) {
      client.http.becomeOpaque("another protocol", micros);
      server.opaque("another protocol", micros);
      return new Framing.Opaque();
    }
    HandshakeReport report = HandshakeCheck.of(exchange.head, head);
    sink.accept(
        new TapEvent.Handshake(id, micros, exchange.number, exchange.head.second(), report));
    DeflatePool deflate = new DeflatePool(DeflatePool.DEFAULT_LEVEL);
    pool = deflate;
    server.becomeFrames(
        report.deflate().map(it -> new Inflation(deflate, !it.serverNoContextTakeover())), micros);
    client.becomeFrames(
        report.deflate().map(it -> new Inflation(deflate, !it.clientNoContextTakeover())), micros);
    return new Framing.Following();
  }

  private void http2Upgraded(Head request, long micros) {
    if (http2 != null) {
      http2.upgraded(request, micros);
    }
  }

  private Framing answered(@Nullable Exchange exchange, int status, Head head, long micros) {
    String method = exchange == null ? "" : exchange.head.first();
    if (method.equals("CONNECT") && status < 300) {
      client.http.becomeOpaque("a tunnel", micros);
      server.opaque("a tunnel", micros);
      return new Framing.Opaque();
    }
    client.http.goOn(micros);
    if (method.equals("HEAD") || status == 204 || status == 304) {
      return new Framing.None();
    }
    long number = exchange == null ? 0 : exchange.number;
    server.body.begin(head, status == PARTIAL_CONTENT, Optional.of(event(number, target)));
    if (head.isChunked()) {
      return new Framing.Chunked();
    }
    if (head.contentLength().isPresent()) {
      return new Framing.Counted(head.contentLength().getAsLong());
    }
    return new Framing.UntilEnd();
  }

  private SseDissector.Listener event(long exchange, String of) {
    return (type, eventId, data, wireLength, micros) ->
        sink.accept(
            new TapEvent.ServerSentEvent(
                id, micros, exchange, of, type, eventId, data, wireLength));
  }

  private static int status(Head head) {
    try {
      return head.first().startsWith("HTTP/") ? Integer.parseInt(head.second()) : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
