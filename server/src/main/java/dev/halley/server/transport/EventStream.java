package dev.halley.server.transport;

import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Publication;
import dev.halley.broker.StreamPosition;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.hub.Subscriber;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.TimerWheel;
import dev.halley.server.hub.WireForm;
import dev.halley.server.wire.PollBody;
import dev.halley.server.wire.SseForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Server-Sent Events on one connection. The only handler of its pipeline. */
public final class EventStream extends ChannelInboundHandlerAdapter
    implements Subscriber, TimerWheel.Task {
  private static final int SHORTEST_RETRY_MILLIS = 1_000;
  private static final int LONGEST_RETRY_MILLIS = 3_000;

  private final ServerConfig config;
  private final ServerMetrics metrics;
  private final HubShard shard;
  private final SseForm form;
  private final List<Subscription> subscriptions;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private @Nullable ChannelHandlerContext context;
  private boolean ended;

  /**
   * Subscribes; sends nothing before it is added to a pipeline.
   *
   * @throws dev.halley.broker.BrokerUnavailableException if a channel can't be followed now
   */
  public EventStream(
      ServerConfig config,
      ServerMetrics metrics,
      HubShard shard,
      SseForm form,
      List<String> channels,
      List<Cursor> cursors) {
    this.config = config;
    this.metrics = metrics;
    this.shard = shard;
    this.form = form;
    this.subscriptions = StreamStart.subscribe(shard, this, channels, cursors);
  }

  /** The cursors that the stream has reached. */
  public String positions() {
    return StreamStart.positions(subscriptions);
  }

  // ---- the connection ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    shard.timers().set(timer, config.timing().heartbeat().toNanos());
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
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message); // nothing is to be said on this side
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    shard.timers().cancel(timer);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    metrics.connectionErrors().increment();
    ctx.close();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      ctx.executor().execute(this::resume);
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    if (ended) {
      context().close();
      return;
    }
    if (context().channel().isWritable()) {
      write(":\n\n");
    }
    shard.timers().set(timer, config.timing().heartbeat().toNanos());
  }

  @Override
  public void onDrain() {
    // Everybody back at a different moment.
    finish(": the server stops\nretry: " + retryMillis() + "\n\n");
  }

  // ---- the subscriber ----

  @Override
  public Optional<WireForm> sharedForm() {
    return subscriptions.size() == 1 ? form.asShared() : Optional.empty();
  }

  @Override
  public boolean isWritable() {
    return !ended && context().channel().isWritable();
  }

  @Override
  public void writeShared(ByteBuf encoded) {
    write(encoded);
  }

  @Override
  public void writeOwn(Subscription subscription, List<Publication> publications) {
    if (subscriptions.size() == 1) {
      write(form.encode(context().alloc(), subscription.channel(), publications));
      return;
    }
    String channel = subscription.channel();
    int size = publications.stream().mapToInt(p -> form.eventEstimate(channel, p)).sum();
    write(
        form.encode(
            context().alloc(),
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
    metrics.gaps().increment();
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

  private static int retryMillis() {
    return ThreadLocalRandom.current().nextInt(SHORTEST_RETRY_MILLIS, LONGEST_RETRY_MILLIS);
  }

  private void resume() {
    for (Subscription subscription : subscriptions) {
      subscription.resume();
    }
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
            context().alloc(), text.length() + 16, out -> ByteBufUtil.writeAscii(out, text)));
  }

  private void write(ByteBuf encoded) {
    ChannelHandlerContext ctx = context();
    ctx.writeAndFlush(encoded, ctx.voidPromise());
  }

  /** Says a last word and closes. */
  private void finish(String lastWord) {
    if (ended) {
      return;
    }
    write(lastWord);
    end();
    ByteBuf last = context().alloc().buffer(8);
    if (form.isChunked()) {
      ByteBufUtil.writeAscii(last, SseForm.LAST_CHUNK);
    }
    context().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    shard.timers().set(timer, config.timing().handshake().toNanos());
  }

  private void end() {
    ended = true;
    for (Subscription subscription : subscriptions) {
      subscription.cancel();
    }
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }
}
