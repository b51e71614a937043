package dev.halley.server.http;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.IdempotencyConflictException;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.StreamPosition;
import dev.halley.server.Failures;
import dev.halley.server.ServerMetrics;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.hub.Hub;
import dev.halley.server.meter.FlightEvents;
import dev.halley.server.wire.JsonText;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * The publications of one request while they are made: in pieces, so that many of them hold up
 * nobody else on the loop, and in their order. The answer says of each what became of it. A client
 * that goes meanwhile stops none of them. Used on the request's event loop.
 */
final class Publishing implements Exchange.Holder {
  private static final int PIECE = 64;
  private static final Header JSON = new Header("Content-Type", "application/json");
  private static final int UNAVAILABLE = HttpResponseStatus.SERVICE_UNAVAILABLE.code();
  private static final int CONFLICT = HttpResponseStatus.UNPROCESSABLE_ENTITY.code();
  private static final int FAILED = HttpResponseStatus.INTERNAL_SERVER_ERROR.code();

  private final Hub hub;
  private final ServerMetrics metrics;
  private final Exchange exchange;
  private final List<PublishEntry> entries;
  private final Optional<IdempotencyKey> key;
  private final boolean asArray;
  private final List<CompletableFuture<StreamPosition>> outcomes;
  private final Arrivals.Share share;

  /** Channels on which one has failed: to publish a later one would change their order. */
  private final Set<String> failed = new HashSet<>(2);

  /** Whether the answer has been given, or nobody waits for it: then it is too late for more. */
  private boolean over;

  /**
   * Nothing is published yet.
   *
   * @param key of the request, if it has one
   * @param asArray whether it is a batch
   */
  Publishing(
      Hub hub,
      ServerMetrics metrics,
      Exchange exchange,
      List<PublishEntry> entries,
      Optional<IdempotencyKey> key,
      boolean asArray) {
    this.hub = hub;
    this.metrics = metrics;
    this.exchange = exchange;
    this.entries = entries;
    this.key = key;
    this.asArray = asArray;
    this.outcomes = new ArrayList<>(entries.size());
    this.share = exchange.share().retain();
  }

  /** Begins, and sees to it that the request is answered. */
  void start() {
    exchange.hold(this, PendingAnswer.LONGEST_NANOS);
    publishPiece();
  }

  private void publishPiece() {
    int end = over ? outcomes.size() : Math.min(outcomes.size() + PIECE, entries.size());
    for (int i = outcomes.size(); i < end; i++) {
      outcomes.add(publish(i));
    }
    if (end < entries.size() && !over) {
      exchange.eventLoop().execute(this::publishPiece);
      return;
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(outcomes.toArray(new CompletableFuture<?>[0]));
    all.whenComplete((done, cause) -> share.release());
    hub.onLoop(exchange.eventLoop(), all, done -> answer(), cause -> answer());
  }

  private CompletableFuture<StreamPosition> publish(int index) {
    PublishEntry entry = entries.get(index);
    if (failed.contains(entry.channel())) {
      return CompletableFuture.failedFuture(
          new BrokerUnavailableException("An earlier one on this channel was not published"));
    }
    Optional<IdempotencyKey> own = asArray ? key.map(it -> it.ofEntry(index)) : key;
    CompletableFuture<StreamPosition> outcome;
    try {
      outcome = hub.broker().publish(entry.channel(), entry.payload(), own).toCompletableFuture();
    } catch (Throwable e) {
      outcome = CompletableFuture.failedFuture(e);
    }
    if (outcome.isCompletedExceptionally()) {
      failed.add(entry.channel());
    }
    return outcome;
  }

  @Override
  public void onDeadline() {
    answer();
  }

  @Override
  public void onDrain() {
    // The answer will come, or the drain time will be over.
  }

  @Override
  public void onAbort() {
    // Nobody waits any more; what was published stays published.
  }

  // ---- the answer

  /** What is published is: that the answer fails must not look as if it weren't. */
  private void answer() {
    if (over) {
      return;
    }
    over = true;
    try {
      tell();
    } catch (Throwable e) {
      metrics.failures().contain(Failures.Place.REQUEST, e);
      exchange.abandon();
    }
  }

  private void tell() {
    int published = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (isPublished(i)) {
        published++;
        count(entries.get(i), outcomes.get(i).join());
      }
    }
    if (exchange.isAnswered()) {
      return;
    }
    if (published == entries.size()) {
      ByteBuf body = exchange.allocator().buffer();
      writeEntries(body);
      ByteBufUtil.writeAscii(body, "\n");
      exchange.respond(HttpResponseStatus.CREATED, List.of(JSON), body);
    } else if (asArray) {
      answerInPart(published);
    } else {
      exchange.fail(
          isConflict(0)
              ? new HttpError(HttpResponseStatus.UNPROCESSABLE_ENTITY, message(0))
              : HttpError.unavailable(message(0)));
    }
  }

  private void count(PublishEntry entry, StreamPosition position) {
    exchange.shard().metersOf(entry.channel()).published(entry.payload().size());
    FlightEvents.publication(entry.channel(), position, entry.payload());
  }

  /** No success, so that a client that looks at nothing else sees that something is missing. */
  private void answerInPart(int published) {
    ByteBuf body = exchange.allocator().buffer();
    String rule = "Of " + entries.size() + " publications " + published + " were made: see entries";
    // A repetition would meet the same conflict, whatever else would come of it.
    boolean conflict = IntStream.range(0, entries.size()).anyMatch(this::isConflict);
    HttpResponseStatus status =
        conflict ? HttpResponseStatus.UNPROCESSABLE_ENTITY : HttpResponseStatus.SERVICE_UNAVAILABLE;
    ByteBufUtil.writeAscii(body, "{");
    writeError(body, status.code(), rule);
    ByteBufUtil.writeAscii(body, ",\"entries\":");
    writeEntries(body);
    ByteBufUtil.writeAscii(body, "}\n");
    exchange.respond(
        status,
        conflict
            ? List.of(JSON, new Header("Cache-Control", "no-store"))
            : List.of(
                JSON, new Header("Retry-After", "5"), new Header("Cache-Control", "no-store")),
        body);
  }

  private void writeEntries(ByteBuf body) {
    ByteBufUtil.writeAscii(body, asArray ? "[" : "");
    for (int i = 0; i < entries.size(); i++) {
      ByteBufUtil.writeAscii(body, i > 0 ? "," : "");
      ByteBufUtil.writeAscii(body, "{\"channel\":\"");
      ByteBufUtil.writeAscii(body, entries.get(i).channel());
      if (isPublished(i)) {
        ByteBufUtil.writeAscii(body, "\",\"position\":\"");
        ByteBufUtil.writeAscii(body, outcomes.get(i).join().toString());
        ByteBufUtil.writeAscii(body, "\"}");
      } else {
        ByteBufUtil.writeAscii(body, "\",");
        writeError(body, isConflict(i) ? CONFLICT : isKnown(i) ? UNAVAILABLE : FAILED, message(i));
        ByteBufUtil.writeAscii(body, isKnown(i) ? "}" : ",\"unknown\":true}");
      }
    }
    ByteBufUtil.writeAscii(body, asArray ? "]" : "");
  }

  private static void writeError(ByteBuf body, int code, String message) {
    ByteBufUtil.writeAscii(body, "\"error\":{\"code\":" + code + ",\"message\":");
    JsonText.writeString(body, message);
    ByteBufUtil.writeAscii(body, "}");
  }

  private boolean isPublished(int index) {
    return state(index) == Future.State.SUCCESS;
  }

  /** Whether it is known that it wasn't published. */
  private boolean isKnown(int index) {
    return index >= outcomes.size()
        || (state(index) == Future.State.FAILED
            && outcomes.get(index).exceptionNow() instanceof BrokerUnavailableException)
        || isConflict(index);
  }

  private boolean isConflict(int index) {
    return state(index) == Future.State.FAILED
        && outcomes.get(index).exceptionNow() instanceof IdempotencyConflictException;
  }

  private Future.State state(int index) {
    return index < outcomes.size() ? outcomes.get(index).state() : Future.State.RUNNING;
  }

  private String message(int index) {
    if (index >= outcomes.size()) {
      return "There was no time for it";
    }
    if (isKnown(index)) {
      return String.valueOf(outcomes.get(index).exceptionNow().getMessage());
    }
    return state(index) == Future.State.RUNNING
        ? "The broker doesn't answer: whether it was published isn't known"
        : "The broker failed: whether it was published isn't known";
  }
}
