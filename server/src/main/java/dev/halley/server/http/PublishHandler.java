package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.ChannelNames;
import dev.halley.broker.IdempotencyConflictException;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.TraceContext;
import dev.halley.server.Failures;
import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.PublishRates;
import dev.halley.server.hub.Publisher;
import dev.halley.server.hub.RateExceeded;
import dev.halley.server.meter.FlightEvents;
import dev.halley.server.wire.JsonInput;
import dev.halley.server.wire.JsonText;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/** {@code POST /channels/{channel}} and {@code POST /publish}. */
final class PublishHandler {
  private static final int MAX_IDEMPOTENCY_KEY = 255;

  /** One request must not take all places of those who wait for the application. */
  private static final int MOST_ASKED = 100;

  private static final Header JSON = new Header("Content-Type", "application/json");

  private final Hub hub;
  private final ServerMetrics metrics;
  private final Admission admission;
  private final Gate gate;

  PublishHandler(Hub hub, ServerMetrics metrics, Admission admission, Gate gate) {
    this.hub = hub;
    this.metrics = metrics;
    this.admission = admission;
    this.gate = gate;
  }

  private static void require(Optional<Refusal> refusal) {
    if (refusal.isPresent()) {
      throw HttpError.of(refusal.get());
    }
  }

  private record Entry(String channel, Payload payload) {}

  /** Publishes the body as it is. */
  void handle(Exchange exchange, String path, Caller caller) {
    require(caller.publishRefusal());
    List<String> channels = ListenRequest.channels(path, Integer.MAX_VALUE);
    if (channels.size() != 1) {
      throw HttpError.badRequest("A publication goes to one channel; POST /publish takes many");
    }
    requireAllowed(caller, channels.get(0));
    Optional<TraceContext> trace = TraceFields.of(exchange.headers());
    Entry entry = new Entry(channels.get(0), payload(exchange).tracedBy(trace));
    requireFits(entry);
    askAndPublish(exchange, caller, List.of(entry), false);
  }

  /**
   * Publishes a JSON array of {@code {"channel","data"|"base64"}}: all of them, or none if one is
   * wrong.
   */
  void handleBatch(Exchange exchange, Caller caller) {
    require(caller.publishRefusal());
    List<Entry> entries;
    try {
      Optional<TraceContext> trace = TraceFields.of(exchange.headers());
      entries = readBatch(ByteBufUtil.getBytes(exchange.body()), trace);
    } catch (JacksonException | IllegalArgumentException e) {
      throw HttpError.badRequest("The body is no batch: " + JsonInput.reason(e));
    }
    for (Entry entry : entries) {
      requireAllowed(caller, entry.channel());
    }
    askAndPublish(exchange, caller, entries, true);
  }

  /** Refuses what is known to be refused, without the application. */
  private static void requireAllowed(Caller caller, String channel) {
    if (!isAsked(caller, channel)) {
      require(caller.publishRefusal(channel));
    }
  }

  private static boolean isAsked(Caller caller, String channel) {
    return caller instanceof AskedCaller asked && asked.asksToPublish(channel);
  }

  private void askAndPublish(
      Exchange exchange, Caller caller, List<Entry> entries, boolean asArray) {
    Optional<IdempotencyKey> key = idempotencyKey(exchange, caller);
    if (!(caller instanceof AskedCaller asked)) {
      publishAll(exchange, caller, entries, key, asArray);
      return;
    }
    List<Entry> questions =
        entries.stream().filter(it -> asked.asksToPublish(it.channel())).toList();
    if (questions.size() > MOST_ASKED) {
      throw HttpError.badRequest(
          "The application is asked about at most " + MOST_ASKED + " publications of a batch");
    }
    CompletableFuture<?>[] answers =
        questions.stream()
            .map(it -> admission.publish(asked, it.channel(), it.payload()).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    gate.pass(
        exchange,
        CompletableFuture.allOf(answers),
        allowed -> {
          if (!exchange.isAnswered()) {
            publishAll(exchange, caller, entries, key, asArray);
          }
        });
  }

  private void publishAll(
      Exchange exchange,
      Caller caller,
      List<Entry> entries,
      Optional<IdempotencyKey> key,
      boolean asArray) {
    requireRate(exchange, caller, entries);
    List<CompletableFuture<StreamPosition>> published = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      int number = i;
      Optional<IdempotencyKey> own = asArray ? key.map(it -> it.ofEntry(number)) : key;
      published.add(
          hub.broker().publish(entry.channel(), entry.payload(), own).toCompletableFuture());
    }
    PendingAnswer.hold(exchange);
    hub.onLoop(
        exchange.eventLoop(),
        CompletableFuture.allOf(published.toArray(new CompletableFuture<?>[0])),
        done -> confirm(exchange, entries, published, asArray),
        cause -> exchange.fail(refusal(cause)));
  }

  /** It is published: that the answer fails must not look as if it weren't. */
  private void confirm(
      Exchange exchange,
      List<Entry> entries,
      List<CompletableFuture<StreamPosition>> published,
      boolean asArray) {
    try {
      answer(exchange, entries, published, asArray);
    } catch (Throwable e) {
      metrics.failures().contain(Failures.Place.REQUEST, e);
      exchange.abandon();
    }
  }

  private void answer(
      Exchange exchange,
      List<Entry> entries,
      List<CompletableFuture<StreamPosition>> published,
      boolean asArray) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      exchange.shard().metersOf(entry.channel()).published(entry.payload().size());
      FlightEvents.publication(entry.channel(), published.get(i).join(), entry.payload());
    }
    ByteBuf body = exchange.allocator().buffer();
    try {
      for (int i = 0; i < entries.size(); i++) {
        ByteBufUtil.writeAscii(body, i > 0 ? "," : asArray ? "[" : "");
        ByteBufUtil.writeAscii(body, "{\"channel\":\"");
        ByteBufUtil.writeAscii(body, entries.get(i).channel());
        ByteBufUtil.writeAscii(body, "\",\"position\":\"");
        ByteBufUtil.writeAscii(body, published.get(i).join().toString());
        ByteBufUtil.writeAscii(body, "\"}");
      }
      ByteBufUtil.writeAscii(body, asArray ? "]\n" : "\n");
    } catch (Throwable e) {
      body.release();
      throw e;
    }
    exchange.respond(HttpResponseStatus.CREATED, List.of(JSON), body);
  }

  private static HttpError refusal(Throwable cause) {
    return cause instanceof IdempotencyConflictException
        ? new HttpError(HttpResponseStatus.UNPROCESSABLE_ENTITY, String.valueOf(cause.getMessage()))
        : HttpError.unavailable(cause);
  }

  /**
   * Text and JSON are what they say and must be it. What {@code curl -d} sends without being told a
   * type is taken as text where it is UTF-8. Anything else is binary.
   */
  private static Payload payload(Exchange exchange) {
    byte[] bytes = ByteBufUtil.getBytes(exchange.body());
    String type =
        Optional.ofNullable(exchange.headers().get(HttpHeaderNames.CONTENT_TYPE)).orElse("");
    String mediaType = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (mediaType.startsWith("text/")) {
      requireUtf8Charset(type);
      if (!JsonInput.isUtf8Text(bytes)) {
        throw HttpError.badRequest("A text publication is UTF-8");
      }
      return Payload.wrap(Payload.Type.TEXT, bytes);
    }
    if (mediaType.equals("application/json") || mediaType.endsWith("+json")) {
      try {
        JsonInput.requireOneValue(bytes);
      } catch (JacksonException | IllegalArgumentException e) {
        throw HttpError.badRequest("The body is not JSON: " + JsonInput.reason(e));
      }
      return Payload.wrap(Payload.Type.JSON, bytes);
    }
    boolean text =
        mediaType.equals("application/x-www-form-urlencoded") && JsonInput.isUtf8Text(bytes);
    return Payload.wrap(text ? Payload.Type.TEXT : Payload.Type.BINARY, bytes);
  }

  private static void requireUtf8Charset(String contentType) {
    String lower = contentType.toLowerCase(Locale.ROOT).replace("\"", "").replace(" ", "");
    int charset = lower.indexOf(";charset=");
    if (charset >= 0) {
      String name = lower.substring(charset + 9).split(";", 2)[0];
      if (!name.equals("utf-8") && !name.equals("utf8") && !name.equals("us-ascii")) {
        throw new HttpError(
            HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "A text publication is UTF-8");
      }
    }
  }

  private void requireRate(Exchange exchange, Caller caller, List<Entry> entries) {
    PublishRates rates = hub.publishRates();
    if (!rates.any()) {
      return;
    }
    Publisher publisher = publisher(exchange, caller);
    Map<String, Integer> counts = new HashMap<>();
    entries.forEach(entry -> counts.merge(entry.channel(), 1, Integer::sum));
    Optional<RateExceeded> exceeded = rates.take(publisher, counts);
    if (exceeded.isPresent()) {
      metrics.ratesExceeded().increment();
      throw HttpError.of(exceeded.get());
    }
  }

  private void requireFits(Entry entry) {
    int most = hub.policies().rules(entry.channel()).payload();
    if (entry.payload().size() > most) {
      metrics.oversizedBodies().increment();
      throw new HttpError(
              HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
              "A publication on this channel has at most " + most + " bytes")
          .beyond(Limit.PAYLOAD);
    }
  }

  private Publisher publisher(Exchange exchange, Caller caller) {
    return hub.publishRates()
        .publisher(exchange.remoteAddress().getAddress(), caller.subject(), caller.hasKey());
  }

  private Optional<IdempotencyKey> idempotencyKey(Exchange exchange, Caller caller) {
    Optional<String> key = Optional.ofNullable(exchange.headers().get("Idempotency-Key"));
    if (key.isPresent()
        && (key.get().isEmpty() || key.get().getBytes(UTF_8).length > MAX_IDEMPOTENCY_KEY)) {
      throw HttpError.badRequest("An Idempotency-Key has 1 to " + MAX_IDEMPOTENCY_KEY + " bytes");
    }
    return key.map(it -> IdempotencyKey.of(publisher(exchange, caller).scope(), it));
  }

  /** Where an entry names no trace, it is the request's. */
  private List<Entry> readBatch(byte[] bytes, Optional<TraceContext> trace) {
    List<Entry> entries = new ArrayList<>();
    try (JsonInput input = JsonInput.of(bytes)) {
      if (input.next() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException("a batch is an array");
      }
      while (input.next() != JsonToken.END_ARRAY) {
        input.requireObjectStart("entry " + entries.size());
        entries.add(readEntry(input, entries.size(), trace));
      }
      input.requireEnd();
    }
    return entries;
  }

  private Entry readEntry(JsonInput input, int index, Optional<TraceContext> ofRequest) {
    Optional<String> traceparent = Optional.empty();
    Optional<String> tracestate = Optional.empty();
    Optional<String> channel = Optional.empty();
    Optional<Payload> payload = Optional.empty();
    for (JsonToken token = input.next(); token != JsonToken.END_OBJECT; token = input.next()) {
      String name = input.text();
      input.next();
      switch (name) {
        case "channel" -> channel = JsonInput.once(name, channel, input.requireString(name));
        case "data" -> payload = JsonInput.only(payload, input.data());
        case "base64" -> payload = JsonInput.only(payload, input.base64());
        case "traceparent" ->
            traceparent = JsonInput.once(name, traceparent, input.requireString(name));
        case "tracestate" ->
            tracestate = JsonInput.once(name, tracestate, input.requireString(name));
        default ->
            throw new IllegalArgumentException(
                "entry " + index + " has an unknown " + JsonText.escape(name));
      }
    }
    if (channel.isEmpty() || payload.isEmpty()) {
      throw new IllegalArgumentException("entry " + index + " lacks its channel, data or base64");
    }
    Optional<String> state = tracestate;
    Optional<TraceContext> trace =
        traceparent.isEmpty()
            ? ofRequest
            : traceparent.flatMap(it -> TraceContext.parse(it, state));
    Entry entry =
        new Entry(ChannelNames.requireValid(channel.get()), payload.get().tracedBy(trace));
    requireFits(entry);
    return entry;
  }
}
