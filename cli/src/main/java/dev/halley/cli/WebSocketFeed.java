package dev.halley.cli;

import java.io.IOException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads {@code halley.v1}. */
final class WebSocketFeed implements Feed {
  private static final String SUBPROTOCOL = "halley.v1";
  private static final Set<Integer> REFUSALS =
      Set.of(1008 /* policy violation */, 4400 /* bad command */, 4401 /* token expired */);

  /** How many frames may wait to be printed. */
  private static final int AHEAD = 64;

  private final Endpoint endpoint;
  private final Duration silence;

  /**
   * A feed that asks with a ping after {@code silence}, and takes the connection for broken after
   * as long again.
   */
  WebSocketFeed(Endpoint endpoint, Duration silence) {
    this.endpoint = endpoint;
    this.silence = silence;
  }

  /** What the connection brought. */
  private sealed interface Incoming {
    record Text(String text) implements Incoming {}

    /** A ping or a pong. */
    record Sign() implements Incoming {}

    record End(IOException reason) implements Incoming {}

    record Refused(String rule) implements Incoming {}
  }

  @Override
  public void read(Cursors cursors, EventSink sink) throws IOException, InterruptedException {
    Inbox inbox = new Inbox();
    WebSocket socket = connect(cursors, inbox);
    try {
      if (!socket.getSubprotocol().equals(SUBPROTOCOL)) {
        throw CommandException.failure(endpoint.base() + " does not speak " + SUBPROTOCOL);
      }
      readFrames(socket, inbox.queue, sink);
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
    } finally {
      socket.abort();
    }
  }

  private WebSocket connect(Cursors cursors, Inbox inbox) throws IOException {
    try {
      WebSocket.Builder builder =
          endpoint
              .http()
              .newWebSocketBuilder()
              .subprotocols(SUBPROTOCOL)
              .connectTimeout(Duration.ofSeconds(10));
      endpoint.bearer().ifPresent(it -> builder.header("Authorization", "Bearer " + it));
      return builder.buildAsync(endpoint.webSocket(cursors), inbox).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        throw Refusal.of(refused.getResponse().statusCode(), "");
      }
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw e;
    }
  }

  private void readFrames(WebSocket socket, BlockingQueue<Incoming> queue, EventSink sink)
      throws IOException, InterruptedException {
    boolean asked = false;
    while (true) {
      if (queue.isEmpty() && !sink.idle()) {
        return;
      }
      Incoming incoming = queue.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
      if (incoming == null) {
        if (asked) {
          throw new IOException("the server is silent");
        }
        asked = true;
        socket.sendPing(ByteBuffer.allocate(0));
        continue;
      }
      asked = false;
      socket.request(1);
      switch (incoming) {
        case Incoming.Text text -> {
          if (!take(text.text(), sink)) {
            return;
          }
        }
        case Incoming.Sign sign -> {}
        case Incoming.End end -> throw end.reason();
        case Incoming.Refused refused -> throw CommandException.failure(refused.rule());
      }
    }
  }

  private static boolean take(String text, EventSink sink) throws IOException {
    Map<String, String> frame = WireJson.object(text);
    String channel = frame.get("channel");
    if (channel == null) {
      return true;
    }
    String subscribed = frame.get("subscribed");
    if (subscribed != null) {
      String position = WireJson.required(WireJson.object(subscribed), "position");
      return sink.accept(new Event.Reached(channel, position));
    }
    String gap = frame.get("gap");
    if (gap != null) {
      Map<String, String> ends = WireJson.object(gap);
      String from = WireJson.required(ends, "from");
      return sink.accept(new Event.Gap(channel, from, WireJson.required(ends, "to")));
    }
    String position = frame.get("position");
    return position == null
        || sink.accept(new Event.Message(channel, position, WireJson.payload(frame)));
  }

  /** Called by the HTTP client, one call at a time, for as many frames as were asked for. */
  private static final class Inbox implements WebSocket.Listener {
    private final BlockingQueue<Incoming> queue = new LinkedBlockingQueue<>();
    private final StringBuilder parts = new StringBuilder();

    @Override
    public void onOpen(WebSocket socket) {
      socket.request(AHEAD);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      parts.append(data);
      if (last) {
        queue.add(new Incoming.Text(parts.toString()));
        parts.setLength(0);
      } else {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
      queue.add(new Incoming.Sign());
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      queue.add(new Incoming.Sign());
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      String words = reason.isEmpty() ? "closed with " + code : reason + " (" + code + ")";
      queue.add(
          REFUSALS.contains(code)
              ? new Incoming.Refused(words)
              : new Incoming.End(new IOException(words)));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      queue.add(
          new Incoming.End(error instanceof IOException e ? e : new IOException(error.toString())));
    }
  }
}
