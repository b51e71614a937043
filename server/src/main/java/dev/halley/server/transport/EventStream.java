package dev.halley.server.transport;

import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Publication;
import dev.halley.broker.StreamPosition;
import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AccessControl;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Life;
import dev.halley.server.access.RefusedException;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.hook.Admission;
import dev.halley.server.hook.Renewal;
import dev.halley.server.hub.Connected;
import dev.halley.server.hub.ConnectionStart;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.Outlet;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.hub.Subscriber;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.TimerWheel;
import dev.halley.server.hub.WireForm;
import dev.halley.server.meter.Via;
import dev.halley.server.wire.PollBody;
import dev.halley.server.wire.SseForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Server-Sent Events on one connection. */
public final class EventStream extends StreamHandler
    implements Subscriber, TimerWheel.Task, Connected {
  private static final int SHORTEST_RETRY_MILLIS = 1_000;
  private static final int LONGEST_RETRY_MILLIS = 3_000;

  private final ServerConfig config;
  private final ServerMetrics metrics;
  private final HubShard shard;
  private final Admission admission;
  private final AccessControl access;
  private final SseForm form;
  private Caller caller;
  private final List<Subscription> subscriptions;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private final ConnectionStart start;
  private boolean warned;
  private boolean ended;

  /**
   * Subscribes; sends nothing before it has a connection.
   *
   * @throws dev.halley.broker.BrokerUnavailableException if a channel can't be followed now
   */
  public EventStream(
      ServerConfig config,
      ServerMetrics metrics,
      HubShard shard,
      Admission admission,
      SseForm form,
      List<String> channels,
      List<Cursor> cursors,
      Caller caller) {
    this.config = config;
    this.metrics = metrics;
    this.shard = shard;
    this.admission = admission;
    this.access = admission.access();
    this.form = form;
    this.caller = caller;
    this.start = shard.newStart();
    this.subscriptions = StreamStart.subscribe(shard, this, channels, cursors);
  }

  /** The cursors that the stream has reached. */
  public String positions() {
    return StreamStart.positions(subscriptions);
  }

  // ---- the connection ----

  @Override
  protected void onOpen() {
    shard.meters().connections(Via.SSE).increment();
    setTimer();
    // An id without data moves the browser's cursor without an event: a stream that breaks before
    // its first event is resumed from here, and not from a later "latest".
    StringBuilder start = new StringBuilder("retry: " + retryMillis() + "\nid: " + positions());
    if (form.hasObjects()) {
      String separator = "\n";
      for (Subscription subscription : subscriptions) {
        start.append(separator).append("data: ").append(V1Messages.subscribed(subscription));
        separator = "\n\n";
      }
    }
    write(start.append("\n\n").toString());
    for (Subscription subscription : subscriptions) {
      subscription.start();
    }
  }

  @Override
  protected void onMoved() {
    subscriptions.forEach(Subscription::outletChanged);
  }

  @Override
  protected void onRead(ByteBuf bytes) {
    // Nothing is to be said on this side.
  }

  @Override
  protected void onClosed() {
    shard.meters().connections(Via.SSE).decrement();
    shard.timers().cancel(timer);
    end();
  }

  @Override
  protected void onAbandoned() {
    end();
  }

  @Override
  protected void onFailure(Throwable cause) {
    metrics.connectionFailed(cause);
  }

  @Override
  protected void onWritabilityChanged(boolean writable) {
    if (writable) {
      connection().execute(this::resume);
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    if (ended) {
      LastWords.await(connection(), shard.timers(), config.timing().silence().toNanos());
      return;
    }
    Life life = access.life(caller);
    if (life == Life.OVER) {
      metrics.tokensExpired().increment();
      finish(event("closed", V1Messages.closed(caller)));
      return;
    }
    long unanswered = connection().unansweredNanos();
    if (life == Life.ENDING && !warned) {
      warned = true;
      warn();
    } else if (unanswered >= config.timing().silence().toNanos()) {
      // Who doesn't read has a cursor of its own; whose machine doesn't answer isn't there.
      metrics.silent().increment();
      metrics.exceed(Limit.SILENCE_TIMEOUT);
      connection().close();
      return;
    } else if (connection().isWritable()) {
      write(":\n\n");
    }
    long heartbeat = config.timing().heartbeat().toNanos();
    setTimer(
        unanswered > 0
            ? Math.clamp(config.timing().silence().toNanos() - unanswered, 0, heartbeat)
            : heartbeat);
  }

  /** What the application allowed is asked for again; of all else the client is told. */
  private void warn() {
    if (!(caller instanceof AskedCaller asked) || !asked.endsByGrant()) {
      write(event("expires", V1Messages.expires(caller)));
      return;
    }
    admission.renew(asked, new Ending(), shard.eventLoop());
  }

  /** This stream while its permission ends. */
  private final class Ending implements Renewal {
    @Override
    public boolean isThere() {
      return !ended;
    }

    @Override
    public Caller caller() {
      return caller;
    }

    @Override
    public List<String> channels() {
      return EventStream.this.channels();
    }

    @Override
    public void renewed(AskedCaller renewed) {
      caller = renewed;
      warned = false;
      setTimer();
    }

    @Override
    public void refused(RefusedException why) {
      write(event("expires", V1Messages.expires(caller)));
    }
  }

  private List<String> channels() {
    return subscriptions.stream().map(Subscription::channel).toList();
  }

  @Override
  public void onDrain() {
    // Everybody back at a different moment.
    finish(": the server stops\nretry: " + retryMillis() + "\n\n");
  }

  @Override
  public void abort() {
    connection().close();
  }

  @Override
  public void abort(Throwable cause) {
    connection().close();
  }

  // ---- for the operator ----

  @Override
  public ConnectionStart start() {
    return start;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return client();
  }

  @Override
  public long pendingBytes() {
    return connection().pendingBytes();
  }

  @Override
  public Collection<Subscription> subscriptions() {
    return subscriptions;
  }

  @Override
  public void disconnect() {
    finish(": the operator ended this stream\n\n");
  }

  // ---- the subscriber ----

  @Override
  public Optional<WireForm> sharedForm() {
    return subscriptions.size() == 1 ? form.asShared() : Optional.empty();
  }

  @Override
  public Optional<String> user() {
    return caller.subject();
  }

  @Override
  public Via via() {
    return Via.SSE;
  }

  @Override
  public boolean isWritable() {
    return !ended && connection().isWritable();
  }

  @Override
  public Outlet outlet() {
    return connection();
  }

  @Override
  public int writeOwn(Subscription subscription, List<Publication> publications) {
    if (subscriptions.size() == 1) {
      return write(form.encode(connection().allocator(), subscription.channel(), publications));
    }
    String channel = subscription.channel();
    int size = publications.stream().mapToInt(p -> form.eventEstimate(channel, p)).sum();
    return write(
        form.encode(
            connection().allocator(),
            size,
            out -> {
              for (Publication publication : publications) {
                String id = positionsWith(subscription, publication.position());
                form.writeEvent(out, id, channel, publication);
              }
            }));
  }

  @Override
  public void writeGap(Subscription subscription, Gap gap) {
    String id = positionsWith(subscription, gap.to());
    String event =
        form.hasObjects()
            ? "data: " + V1Messages.gap(subscription.channel(), gap)
            : "event: gap\ndata: " + PollBody.gap(subscription.channel(), gap);
    write("id: " + id + "\n" + event + "\n\n");
  }

  @Override
  public void closeOverflowed(Subscription subscription) {
    metrics.overflows().increment();
    finish(": too slow for the log\n\n");
  }

  @Override
  public void closeFailed(Throwable cause) {
    finish(": the broker failed\n\n");
  }

  /** When there is something to say again, be it that this is still here. */
  private void setTimer() {
    setTimer(config.timing().heartbeat().toNanos());
  }

  private void setTimer(long most) {
    shard.timers().set(timer, access.untilChange(caller, most));
  }

  /** One that is no publication, and doesn't move the cursor. */
  private String event(String name, String data) {
    return (form.hasObjects() ? "" : "event: " + name + "\n") + "data: " + data + "\n\n";
  }

  private static int retryMillis() {
    return ThreadLocalRandom.current().nextInt(SHORTEST_RETRY_MILLIS, LONGEST_RETRY_MILLIS);
  }

  private void resume() {
    Subscription.resumeAll(subscriptions);
  }

  /** The cursor after one channel has moved to {@code position}. */
  private String positionsWith(Subscription moved, StreamPosition position) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < subscriptions.size(); i++) {
      Subscription subscription = subscriptions.get(i);
      text.append(i > 0 ? "," : "")
          .append(subscription == moved ? position : subscription.position());
    }
    return text.toString();
  }

  private void write(String text) {
    write(
        form.encode(
            connection().allocator(),
            text.length() + 16,
            out -> ByteBufUtil.writeAscii(out, text)));
  }

  /** Returns how many bytes it writes. */
  private int write(ByteBuf encoded) {
    int bytes = encoded.readableBytes();
    connection().writeAndFlush(encoded);
    return bytes;
  }

  /** Says a last word and closes. */
  private void finish(String lastWord) {
    if (ended) {
      return;
    }
    write(lastWord);
    end();
    ByteBuf last = connection().allocator().buffer(8);
    if (form.isChunked()) {
      ByteBufUtil.writeAscii(last, SseForm.LAST_CHUNK);
    }
    connection().write(last);
    connection().closeAfterOutput();
    shard.timers().set(timer, config.timing().handshake().toNanos());
  }

  private void end() {
    ended = true;
    try {
      if (caller instanceof AskedCaller) {
        caller = admission.leave(caller, channels());
      }
    } finally {
      for (Subscription subscription : subscriptions) {
        subscription.cancel();
      }
    }
  }
}
