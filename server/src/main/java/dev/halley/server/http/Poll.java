package dev.halley.server.http;

import dev.halley.broker.Batch;
import dev.halley.broker.Cursor;
import dev.halley.broker.Publication;
import dev.halley.broker.StreamPosition;
import dev.halley.server.Limit;
import dev.halley.server.ServerConfig.Limits;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Life;
import dev.halley.server.hub.Fanout;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.Waiter;
import dev.halley.server.meter.PatternMeters;
import dev.halley.server.meter.Via;
import dev.halley.server.wire.PollBody;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One poll. It reads each channel from its cursor. If there is nothing and it may wait, it parks on
 * the channels and reads again when one of them grows. While it is parked it keeps little, and
 * shares what it can with others at the same place: what ten thousand keep the collector copies
 * whenever they have all been answered and are there again. Used on the event loop of its
 * connection.
 */
final class Poll extends Waiter implements Exchange.Holder {
  private final PollHandler handler;
  private final Exchange exchange;
  private final HubShard shard;
  private final Caller caller;
  private ListenRequest request;
  private List<Cursor> cursors;
  private List<Fanout> followed = List.of();

  /** Waits on the channels but the first, where the poll itself does. */
  private List<Waiter> others = List.of();

  private List<Batch> batches = List.of();
  private boolean parked;
  private boolean timeIsUp;

  Poll(PollHandler handler, Exchange exchange, ListenRequest request, Caller caller) {
    this.handler = handler;
    this.exchange = exchange;
    this.shard = exchange.shard();
    this.request = request;
    this.caller = caller;
    this.cursors = request.cursorsOr(new Cursor.Earliest());
  }

  /** What a connection is used for that has such a request under way, or none. */
  static Via viaOf(@Nullable Exchange current) {
    return current != null && current.holder() instanceof Poll poll && poll.parked
        ? Via.LONG_POLL
        : Via.HTTP;
  }

  /**
   * Begins.
   *
   * @throws dev.halley.broker.BrokerUnavailableException if a channel can't be followed now
   */
  void start() {
    try {
      begin();
    } catch (Throwable e) {
      letGo();
      throw e;
    }
  }

  private void begin() {
    if (request.waitTime().isPositive()) {
      // Followed before it is read, so that nothing is appended unseen in between.
      followed = shard.acquireAll(request.channels());
      exchange.hold(this, handler.access().untilExpiry(caller, request.waitTime().toNanos()));
    } else {
      PendingAnswer.hold(exchange);
    }
    read();
  }

  @Override
  public void wake() {
    try {
      unpark();
      read();
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** What goes wrong ends this request; nobody else is to hear of it. */
  private void fail(Throwable cause) {
    letGo();
    handler.fail(exchange, cause);
  }

  private void letGo() {
    try {
      unpark();
    } finally {
      releaseAll();
    }
  }

  @Override
  public void onDeadline() {
    try {
      onTimeUp();
    } catch (Throwable e) {
      fail(e);
    }
  }

  private void onTimeUp() {
    if (handler.access().life(caller) == Life.OVER) {
      unpark();
      releaseAll();
      handler.metrics().tokensExpired().increment();
      exchange.fail(HttpError.of(caller.expired()));
    } else if (parked) {
      unpark();
      if (request.waitTime().equals(handler.config().timing().maxWait())) {
        handler.metrics().exceed(Limit.MAX_WAIT);
      }
      batches = nothing();
      answer();
    } else if (timeIsUp) {
      releaseAll();
      PendingAnswer.giveUp(exchange);
    } else {
      // The broker is being asked: its answer is this poll's, whatever it brings.
      timeIsUp = true;
      exchange.hold(this, PendingAnswer.LONGEST_NANOS);
    }
  }

  @Override
  public void onDrain() {
    onDeadline();
  }

  @Override
  public void onAbort() {
    letGo();
  }

  private void read() {
    if (parkedAnswerFits()) {
      return;
    }
    Limits limits = handler.config().limits();
    readNext(new PollShare(cursors, request.limit(), limits.pollBytes()));
  }

  /** Many polls wait at the same place; the first one's answer is everyone's. */
  private boolean parkedAnswerFits() {
    if (exchange.isHead()
        || request.channels().size() != 1
        || !(cursors.get(0) instanceof Cursor.After after)) {
      return false;
    }
    PollAnswers answers = handler.answers(shard);
    Optional<Answer> ready = answers.find(exchange, request, after.position());
    ready.ifPresent(
        answer -> {
          metersOf(0).delivered(via(), answers.publications(), answers.bytes());
          shard.presence().polled(request.channels(), caller.subject());
          releaseAll();
          exchange.respondEncoded(answer);
        });
    return ready.isPresent();
  }

  private void readNext(PollShare share) {
    for (int i = share.next(); i >= 0; i = share.next()) {
      if (!readTail(i, share)) {
        handler
            .hub()
            .onLoop(
                exchange.eventLoop(),
                handler
                    .hub()
                    .broker()
                    .history(request.channels().get(i), share.cursor(), share.limit()),
                batch -> goOn(batch, share),
                cause -> {
                  releaseAll();
                  exchange.fail(HttpError.unavailable(cause));
                });
        return;
      }
    }
    batches = share.batches();
    countBounds(share);
    settle();
  }

  private void goOn(Batch batch, PollShare share) {
    try {
      share.add(batch);
      readNext(share);
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** Reads what this node has, if it has what follows the cursor. */
  private boolean readTail(int channel, PollShare share) {
    if (followed.isEmpty() || !(share.cursor() instanceof Cursor.After after)) {
      return false;
    }
    StreamPosition position = after.position();
    List<Publication> publications = new ArrayList<>();
    if (!followed.get(channel).read(position, share.limit(), publications)) {
      return false;
    }
    StreamPosition end = publications.isEmpty() ? position : publications.getLast().position();
    share.add(new Batch(Optional.empty(), publications, end));
    return true;
  }

  private void settle() {
    if (exchange.isAnswered()) {
      releaseAll();
    } else if (hasNews() || timeIsUp || followed.isEmpty()) {
      answer();
    } else {
      park();
    }
  }

  private boolean hasNews() {
    for (int i = 0; i < batches.size(); i++) {
      Batch batch = batches.get(i);
      if (batch.gap().isPresent() || !batch.publications().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private void park() {
    if (!handler.parked().tryAcquire()) {
      releaseAll();
      handler.metrics().exceed(Limit.PARKED_POLLS);
      exchange.fail(HttpError.unavailable("Too many polls are waiting"));
      return;
    }
    try {
      keepLittle();
      if (followed.size() > 1) {
        others = followed.stream().skip(1).<Waiter>map(it -> new Elsewhere(this)).toList();
      }
    } catch (Throwable e) {
      handler.parked().release();
      throw e;
    }
    parked = true;
    shard.meters().connections(Via.HTTP).decrement();
    shard.meters().connections(Via.LONG_POLL).increment();
    for (int i = 0; i < followed.size(); i++) {
      followed.get(i).park(waiter(i));
      followed.get(i).enter(caller.subject());
    }
    exchange.parked();
  }

  private void keepLittle() {
    exchange.forgetHead();
    int count = followed.size();
    String[] channels = new String[count];
    Cursor[] places = new Cursor[count];
    Optional<String> entityTag = request.ifNoneMatch();
    for (int i = 0; i < count; i++) {
      Fanout.Place place = followed.get(i).placeAfter(batches.get(i).position());
      channels[i] = followed.get(i).channel();
      places[i] = place.cursor();
      if (place.text().equals(entityTag)) {
        entityTag = place.text();
      }
    }
    request = request.waitingFor(List.of(channels), entityTag);
    cursors = List.of(places);
    batches = List.of();
  }

  private List<Batch> nothing() {
    List<Batch> empty = new ArrayList<>(cursors.size());
    for (Cursor cursor : cursors) {
      StreamPosition position = ((Cursor.After) cursor).position();
      empty.add(new Batch(Optional.empty(), List.of(), position));
    }
    return empty;
  }

  private void unpark() {
    if (parked) {
      parked = false;
      shard.meters().connections(Via.LONG_POLL).decrement();
      shard.meters().connections(Via.HTTP).increment();
      handler.parked().release();
      for (int i = 0; i < followed.size(); i++) {
        followed.get(i).unpark(waiter(i));
        followed.get(i).leave(caller.subject());
      }
    }
  }

  private Waiter waiter(int channel) {
    return channel == 0 ? this : others.get(channel - 1);
  }

  private static final class Elsewhere extends Waiter {
    private final Poll poll;

    Elsewhere(Poll poll) {
      this.poll = poll;
    }

    @Override
    public void wake() {
      poll.wake();
    }
  }

  private void answer() {
    List<PatternMeters> meters = new ArrayList<>(batches.size());
    for (int i = 0; i < batches.size(); i++) {
      meters.add(metersOf(i));
    }
    if (!exchange.isHead()) {
      shard.presence().polled(request.channels(), caller.subject());
    }
    releaseAll();
    String position =
        batches.stream().map(batch -> batch.position().toString()).collect(Collectors.joining(","));
    List<Header> headers = new ArrayList<>(6);
    headers.add(new Header("ETag", '"' + position + '"'));
    headers.add(new Header("Halley-Position", position));
    headers.add(new Header("Cache-Control", "no-store"));
    if (request.waitTime().isPositive()) {
      headers.add(new Header("Preference-Applied", "wait=" + request.waitTime().toSeconds()));
    }
    if (!hasNews() && clientHas(position)) {
      exchange.respondEmpty(HttpResponseStatus.NOT_MODIFIED, headers);
      return;
    }
    headers.add(new Header("Content-Type", "application/json"));
    ByteBuf body = PollBody.encode(exchange.allocator(), request.channels(), batches, position);
    int size = body.readableBytes();
    Answer answer = exchange.encode(HttpResponseStatus.OK, headers, body);
    if (exchange.isHead()) {
      exchange.respondEncoded(answer); // which delivers nothing
      return;
    }
    count(meters, size);
    if (hasNews() && cursors.size() == 1 && cursors.get(0) instanceof Cursor.After after) {
      int count = batches.get(0).publications().size();
      handler.answers(shard).remember(exchange, request, after.position(), answer, count, size);
    }
    exchange.respondEncoded(answer);
  }

  private boolean clientHas(String position) {
    return request
        .ifNoneMatch()
        .filter(tag -> tag.equals(position) || tag.equals(EntityTags.ANY))
        .isPresent();
  }

  /** What ends an answer though there may be more; what the client asked for doesn't count. */
  private void countBounds(PollShare share) {
    if (share.publicationsLeft() <= 0
        && request.limit() == handler.config().limits().pollPublications()) {
      handler.metrics().exceed(Limit.POLL_PUBLICATIONS);
    }
    if (share.bytesLeft() <= 0) {
      handler.metrics().exceed(Limit.POLL_BYTES);
    }
  }

  /** Of a body with several channels each one's payloads are counted. */
  private void count(List<PatternMeters> meters, int bodySize) {
    for (int i = 0; i < batches.size(); i++) {
      Batch batch = batches.get(i);
      if (batch.gap().isPresent()) {
        meters.get(i).gaps().increment();
      }
      if (!batch.publications().isEmpty()) {
        int size = batches.size() == 1 ? bodySize : payloadSize(batch);
        meters.get(i).delivered(via(), batch.publications().size(), size);
      }
    }
  }

  private static int payloadSize(Batch batch) {
    return batch.publications().stream().mapToInt(it -> it.payload().size()).sum();
  }

  private PatternMeters metersOf(int channel) {
    return followed.isEmpty()
        ? shard.metersOf(request.channels().get(channel))
        : followed.get(channel).meters();
  }

  private Via via() {
    return request.waitTime().isPositive() ? Via.LONG_POLL : Via.POLL;
  }

  private void releaseAll() {
    List<Fanout> all = followed;
    followed = List.of();
    for (Fanout fanout : all) {
      fanout.release();
    }
  }
}
