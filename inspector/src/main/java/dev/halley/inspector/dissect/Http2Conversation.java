package dev.halley.inspector.dissect;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Direction;
import dev.halley.inspector.Http2Names;
import dev.halley.inspector.Snippet;
import dev.halley.inspector.TapEvent;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.Header;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is said on one HTTP/2 connection, in both directions: its frames, and each stream as an
 * exchange with a request, a response, bodies, events; or as a WebSocket (RFC 8441).
 */
final class Http2Conversation {
  private static final int MOST_STREAMS = 1024;
  private static final int PARTIAL_CONTENT = 206;
  private static final String VERSION = "HTTP/2";
  private static final Breach UNDECODABLE =
      new Breach("Header blocks must be decodable.", "RFC 9113 section 4.3");

  private final long id;
  private final Options options;
  private final Consumer<TapEvent> sink;
  private final Side client;
  private final Side server;
  private final Map<Integer, Stream> streams = new LinkedHashMap<>();

  /** A connection at its begin, or at that of HTTP/2 on it. */
  Http2Conversation(
      long id, Options options, Consumer<TapEvent> sink, WireOut toServer, WireOut toClient) {
    this.id = id;
    this.options = options;
    this.sink = sink;
    client = new Side(Direction.TO_SERVER, toServer, Http2Dissector.REST_OF_PREFACE);
    server = new Side(Direction.TO_CLIENT, toClient, 0);
  }

  /** What reads that direction; of the client's preface all but the last line is gone. */
  FollowingProtocol side(Direction direction) {
    return (direction == Direction.TO_SERVER ? client : server).frames;
  }

  /** The request that asked for HTTP/2 is answered on stream 1. */
  void upgraded(Head request, long micros) {
    Stream stream = open(1, request.first(), request.second(), request, micros);
    stream.up.ended = true;
  }

  /** The connection is over. */
  void closed(long micros) {
    streams.values().forEach(stream -> stream.end(micros));
    streams.clear();
  }

  private Stream open(int number, String method, String target, HeaderText head, long micros) {
    if (streams.size() == MOST_STREAMS) {
      Iterator<Stream> oldest = streams.values().iterator();
      oldest.next().end(micros);
      oldest.remove();
    }
    Stream stream = new Stream(number, method, target, head, micros);
    Stream before = streams.put(number, stream);
    if (before != null) {
      before.end(micros);
    }
    return stream;
  }

  /** The fields of a header block. */
  private record Fields(List<Header> list) implements HeaderText {
    @Override
    public List<String> all(String name) {
      return list.stream()
          .filter(header -> header.name().equalsIgnoreCase(name))
          .map(Header::value)
          .toList();
    }

    String first(String name) {
      return all(name).stream().findFirst().orElse("");
    }

    String text() {
      StringJoiner text = new StringJoiner(", ");
      list.forEach(field -> text.add(field.name() + ": " + field.value()));
      return text.toString();
    }
  }

  /** A request and what comes of it. */
  private final class Stream {
    final int number;
    final String method;
    final String target;
    final boolean asksToWait;
    final boolean asksForWebSocket;
    final Half up = new Half(Direction.TO_SERVER);
    final Half down = new Half(Direction.TO_CLIENT);
    long completeMicros;
    boolean answered;
    @Nullable DeflatePool pool;

    Stream(int number, String method, String target, HeaderText head, long micros) {
      this.number = number;
      this.method = method;
      this.target = target;
      asksToWait =
          head.lower("Prefer").contains("wait=")
              || target.contains("?wait=")
              || target.contains("&wait=");
      asksForWebSocket = method.equals("CONNECT") && head.lower(":protocol").equals("websocket");
      completeMicros = micros;
      up.body.begin(head, false, Optional.empty());
    }

    Half half(Direction direction) {
      return direction == Direction.TO_SERVER ? up : down;
    }

    void becomeWebSocket(Fields response) {
      DeflatePool deflate = new DeflatePool(DeflatePool.DEFAULT_LEVEL);
      pool = deflate;
      Optional<DeflateParameters> agreed =
          DeflateParameters.agreedIn(response.all("sec-websocket-extensions"));
      up.becomeFrames(
          this, client, agreed.map(it -> new Inflation(deflate, !it.clientNoContextTakeover())));
      down.becomeFrames(
          this, server, agreed.map(it -> new Inflation(deflate, !it.serverNoContextTakeover())));
    }

    void end(long micros) {
      up.end(this, false, micros);
      down.end(this, false, micros);
      if (pool != null) {
        pool.close();
      }
    }
  }

  /** One direction of a stream. */
  private final class Half {
    final Direction direction;
    final BodyView body;
    @Nullable FrameDissector frames;
    boolean ended;

    Half(Direction direction) {
      this.direction = direction;
      body = new BodyView(options, (direction == Direction.TO_SERVER ? client : server).out);
    }

    void becomeFrames(Stream stream, Side side, Optional<Inflation> inflation) {
      body.end(true);
      frames =
          new FrameDissector(
              direction,
              inflation,
              options,
              side.out,
              new FrameDissector.FrameListener() {
                @Override
                public void frame(FrameDissector.Found found, long micros) {
                  sink.accept(found.event(id, stream.number, stream.target, micros));
                }

                @Override
                public void lost(Breach breach, long micros) {
                  side.notice("nobody can tell where the next frame begins", List.of(), micros);
                }
              });
    }

    void end(Stream stream, boolean complete, long micros) {
      if (ended) {
        return;
      }
      ended = true;
      if (frames != null) {
        frames.end(micros);
        return;
      }
      boolean isExpected = direction == Direction.TO_SERVER || stream.answered;
      body.end(complete)
          .filter(it -> isExpected && (complete || it.content().length() > 0))
          .ifPresent(
              it ->
                  sink.accept(
                      it.event(id, direction, stream.number, stream.target, complete, micros)));
    }
  }

  /** One direction of the connection. */
  private final class Side implements Http2Dissector.Listener {
    final Direction direction;
    final WireOut out;
    final Http2Dissector frames;
    final HeaderBlocks blocks = new HeaderBlocks(options.showSecrets());

    Side(Direction direction, WireOut out, int preface) {
      this.direction = direction;
      this.out = out;
      frames = new Http2Dissector(this, out, options.showSecrets(), preface);
    }

    void notice(String text, List<Breach> breaches, long micros) {
      sink.accept(new TapEvent.Notice(id, micros, direction, text, breaches));
    }

    @Override
    public void frame(Http2Dissector.Found found, long micros) {
      Stream stream = streams.get(found.stream());
      byte[] payload = found.payload().bytes().clone();
      new TokenMask(options.showSecrets()).apply(payload, 0, payload.length);
      Snippet masked = Snippet.of(payload, found.payload().length());
      sink.accept(
          new TapEvent.Http2Frame(
              id,
              micros,
              direction,
              found.stream(),
              stream == null ? "" : stream.target,
              found.type(),
              found.flags(),
              found.length(),
              Http2Names.text(found.type(), found.flags(), masked),
              found.breaches()));
      if (found.type() == Http2Names.RST_STREAM && stream != null) {
        streams.remove(found.stream());
        stream.end(micros);
      }
    }

    @Override
    public void data(int number, ByteBuffer content, long micros) {
      Stream stream = streams.get(number);
      Half half = stream == null ? null : stream.half(direction);
      if (half != null && half.frames != null) {
        half.frames.feed(content, micros);
        return;
      }
      if (half == null || half.ended) {
        out.hide(content, content.remaining(), options.showSecrets());
        return;
      }
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      half.body.feed(bytes, bytes.length, micros);
      out.add(bytes, 0, bytes.length);
    }

    @Override
    public void streamEnds(int number, long micros) {
      Stream stream = streams.get(number);
      if (stream == null) {
        return;
      }
      stream.half(direction).end(stream, true, micros);
      if (direction == Direction.TO_SERVER) {
        stream.completeMicros = micros;
      }
      if (stream.up.ended && stream.down.ended) {
        streams.remove(number);
        stream.end(micros);
      }
    }

    @Override
    public void lost(String why, long micros) {
      blocks.lose();
      notice("from here on only bytes are counted: " + why, List.of(), micros);
    }

    @Override
    public void block(Http2Dissector.Block block, long micros) {
      boolean wasLost = blocks.isLost();
      Optional<Fields> decoded = blocks.decode(block.bytes()).map(Fields::new);
      if (!options.showSecrets()) {
        byte[] fields = decoded.map(it -> HeaderBlocks.encode(it.list())).orElse(new byte[0]);
        Http2Dissector.write(out, block, fields);
      }
      if (decoded.isPresent()) {
        block(block, decoded.get(), micros);
      } else {
        List<Breach> breaches =
            blocks.isLost() && !wasLost ? List.of(UNDECODABLE) : List.<Breach>of();
        notice("fields of stream " + block.stream() + " that can't be shown", breaches, micros);
      }
    }

    private void block(Http2Dissector.Block block, Fields fields, long micros) {
      Stream stream = streams.get(block.stream());
      int length = block.bytes().remaining();
      if (block.type() == Http2Names.PUSH_PROMISE) {
        promise(block, fields, micros);
      } else if (direction == Direction.TO_SERVER && stream == null) {
        request(block.stream(), fields, length, micros);
      } else if (direction == Direction.TO_CLIENT && (stream == null || !stream.answered)) {
        response(block.stream(), stream, fields, length, micros);
      } else {
        notice("trailers of stream " + block.stream() + ": " + fields.text(), List.of(), micros);
      }
    }
  }

  // ---- requests and responses

  private static String targetOf(Fields fields) {
    String path = fields.first(":path");
    return path.isEmpty() ? fields.first(":authority") : path;
  }

  private void promise(Http2Dissector.Block block, Fields fields, long micros) {
    if (block.before().remaining() < Integer.BYTES) {
      return;
    }
    int promised = block.before().getInt(0) & 0x7fffffff;
    Stream stream = open(promised, fields.first(":method"), targetOf(fields), fields, micros);
    stream.up.ended = true;
    String text = "promises " + stream.method + " " + stream.target + " on stream " + promised;
    server.notice(text, List.of(), micros);
  }

  private void request(int number, Fields fields, int length, long micros) {
    Stream stream = open(number, fields.first(":method"), targetOf(fields), fields, micros);
    sink.accept(
        new TapEvent.Request(
            id,
            micros,
            number,
            stream.method,
            stream.target,
            VERSION,
            fields.list(),
            length,
            List.of()));
  }

  private void response(
      int number, @Nullable Stream stream, Fields fields, int length, long micros) {
    int status = status(fields);
    sink.accept(
        new TapEvent.Response(
            id,
            micros,
            number,
            status,
            "",
            VERSION,
            fields.list(),
            length,
            stream == null ? 0 : Math.max(0, micros - stream.completeMicros),
            stream == null ? "" : stream.target,
            stream != null && stream.asksToWait,
            List.of()));
    if (stream == null || status < 200) {
      return;
    }
    stream.answered = true;
    if (stream.asksForWebSocket && status < 300) {
      webSocket(stream, fields, micros);
    } else {
      stream.down.body.begin(
          fields,
          status == PARTIAL_CONTENT,
          Optional.of(
              (type, eventId, data, wireLength, at) ->
                  sink.accept(
                      new TapEvent.ServerSentEvent(
                          id, at, number, stream.target, type, eventId, data, wireLength))));
    }
  }

  private void webSocket(Stream stream, Fields fields, long micros) {
    stream.becomeWebSocket(fields);
    String protocol = fields.lower("sec-websocket-protocol");
    String extensions = fields.lower("sec-websocket-extensions");
    server.notice(
        "stream "
            + stream.number
            + " is a WebSocket (RFC 8441)"
            + (protocol.isEmpty() ? "" : ", subprotocol " + protocol)
            + (extensions.isEmpty() ? "" : ", " + extensions),
        List.of(),
        micros);
  }

  private static int status(Fields fields) {
    try {
      return Integer.parseInt(fields.first(":status"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
