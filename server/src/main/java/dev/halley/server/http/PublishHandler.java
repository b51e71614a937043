package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.TraceContext;
import dev.halley.server.Arriving;
import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.PublishRates;
import dev.halley.server.hub.Publisher;
import dev.halley.server.hub.RateExceeded;
import dev.halley.server.wire.JsonBoundException;
import dev.halley.server.wire.JsonBounds;
import dev.halley.server.wire.JsonInput;
import dev.halley.websocket.Header;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;

/** {@code POST /channels/{channel}} and {@code POST /publish}. */
final class PublishHandler {
  private static final int MAX_IDEMPOTENCY_KEY = 255;

  /** One request must not take all places of those who wait for the application. */
  private static final int MOST_ASKED = 100;

  private final Hub hub;
  private final ServerMetrics metrics;
  private final Admission admission;
  private final Gate gate;
  private final JsonBounds jsonBounds;
  private final int mostEntries;

  PublishHandler(Hub hub, ServerMetrics metrics, Admission admission, Gate gate, Arriving bounds) {
    this.jsonBounds = JsonBounds.of(bounds);
    this.mostEntries = bounds.batchEntries();
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

  /** Refuses a publication that its head tells to be refused. */
  void examine(Exchange exchange, String path, Caller caller) {
    String channel = channel(path, caller);
    requireNoCoding(exchange);
    idempotencyKey(exchange, caller);
    requireTextCharset(exchange);
    requireFits(channel, exchange.declaredLength());
  }

  /** Refuses a batch that its head tells to be refused. */
  void examineBatch(Exchange exchange, Caller caller) {
    require(caller.publishRefusal());
    requireNoCoding(exchange);
    idempotencyKey(exchange, caller);
  }

  private static String channel(String path, Caller caller) {
    require(caller.publishRefusal());
    List<String> channels = ListenRequest.channels(path, Integer.MAX_VALUE);
    if (channels.size() != 1) {
      throw HttpError.badRequest("A publication goes to one channel; POST /publish takes many");
    }
    requireAllowed(caller, channels.get(0));
    return channels.get(0);
  }

  /** Publishes the body as it is. */
  void handle(Exchange exchange, String path, Caller caller) {
    String channel = channel(path, caller);
    requireNoCoding(exchange);
    Optional<TraceContext> trace = TraceFields.of(exchange.headers());
    PublishEntry entry = new PublishEntry(channel, payload(exchange).tracedBy(trace));
    requireFits(channel, entry.payload().size());
    askAndPublish(exchange, caller, List.of(entry), false);
  }

  /**
   * Publishes a JSON array of {@code {"channel","data"|"base64"}}, if there is nothing against any
   * of them. It is read in pieces: however long it is, it holds up nobody else on the loop.
   */
  void handleBatch(Exchange exchange, Caller caller) {
    require(caller.publishRefusal());
    requireNoCoding(exchange);
    byte[] bytes = exchange.takeBody();
    exchange.holdMore(bytes.length); // the payloads are copies
    PendingAnswer.hold(exchange, "The batch isn't read in time");
    BatchReader reader;
    try {
      reader =
          new BatchReader(
              JsonInput.of(bytes, jsonBounds),
              mostEntries,
              TraceFields.of(exchange.headers()),
              this::requireFits);
    } catch (IllegalArgumentException e) {
      throw noBatch(e);
    }
    read(exchange, caller, reader);
  }

  private void read(Exchange exchange, Caller caller, BatchReader reader) {
    boolean more;
    try {
      more = reader.read();
    } catch (JacksonException | IllegalArgumentException e) {
      reader.close();
      throw noBatch(e);
    } catch (HttpError e) {
      reader.close();
      throw e;
    }
    if (more) {
      exchange.eventLoop().execute(() -> readOn(exchange, caller, reader));
      return;
    }
    reader.close();
    for (PublishEntry entry : reader.entries()) {
      requireAllowed(caller, entry.channel());
    }
    askAndPublish(exchange, caller, reader.entries(), true);
  }

  private void readOn(Exchange exchange, Caller caller, BatchReader reader) {
    if (exchange.isAnswered()) {
      reader.close();
      return;
    }
    try {
      read(exchange, caller, reader);
    } catch (Throwable e) {
      gate.fail(exchange, e);
    }
  }

  private static HttpError noBatch(RuntimeException e) {
    return bounded(HttpError.badRequest("The body is no batch: " + JsonInput.reason(e)), e);
  }

  private static HttpError bounded(HttpError error, RuntimeException cause) {
    return cause instanceof JsonBoundException beyond ? error.beyond(beyond.limit()) : error;
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
      Exchange exchange, Caller caller, List<PublishEntry> entries, boolean asArray) {
    Optional<IdempotencyKey> key = idempotencyKey(exchange, caller);
    if (!(caller instanceof AskedCaller asked)) {
      publishAll(exchange, caller, entries, key, asArray);
      return;
    }
    List<PublishEntry> questions =
        entries.stream().filter(it -> asked.asksToPublish(it.channel())).toList();
    if (questions.size() > MOST_ASKED) {
      throw HttpError.badRequest(
          "The application is asked about at most " + MOST_ASKED + " publications of a batch");
    }
    CompletableFuture<?>[] answers =
        questions.stream()
            .map(it -> admission.publish(asked, it.channel(), it.payload()).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture<Void> all = CompletableFuture.allOf(answers);
    // A client that goes doesn't take its questions with it.
    Arrivals.Share share = exchange.share().retain();
    all.whenComplete((allowed, cause) -> share.release());
    gate.pass(
        exchange,
        all,
        allowed -> {
          if (!exchange.isAnswered()) {
            publishAll(exchange, caller, entries, key, asArray);
          }
        });
  }

  private void publishAll(
      Exchange exchange,
      Caller caller,
      List<PublishEntry> entries,
      Optional<IdempotencyKey> key,
      boolean asArray) {
    requireRate(exchange, caller, entries);
    new Publishing(hub, metrics, exchange, entries, key, asArray).start();
  }

  /**
   * Text and JSON are what they say and must be it. What {@code curl -d} sends without being told a
   * type is taken as text where it is UTF-8. Anything else is binary.
   */
  private Payload payload(Exchange exchange) {
    byte[] bytes = exchange.takeBody();
    String mediaType = mediaType(exchange);
    if (mediaType.startsWith("text/")) {
      requireTextCharset(exchange);
      if (!JsonInput.isUtf8Text(bytes)) {
        throw HttpError.badRequest("A text publication is UTF-8");
      }
      return Payload.wrap(Payload.Type.TEXT, bytes);
    }
    if (mediaType.equals("application/json") || mediaType.endsWith("+json")) {
      try {
        JsonInput.requireOneValue(bytes, jsonBounds);
      } catch (JacksonException | IllegalArgumentException e) {
        throw bounded(HttpError.badRequest("The body is not JSON: " + JsonInput.reason(e)), e);
      }
      return Payload.wrap(Payload.Type.JSON, bytes);
    }
    boolean text =
        mediaType.equals("application/x-www-form-urlencoded") && JsonInput.isUtf8Text(bytes);
    return Payload.wrap(text ? Payload.Type.TEXT : Payload.Type.BINARY, bytes);
  }

  /** Subscribers get a body as it came, and aren't told of a coding (RFC 9110 section 15.5.16). */
  private static void requireNoCoding(Exchange exchange) {
    for (String coding : exchange.headers().getAll(HttpHeaderNames.CONTENT_ENCODING)) {
      if (!coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
        throw new HttpError(
            HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
            "A body comes without a Content-Encoding",
            new Header("Accept-Encoding", "identity"));
      }
    }
  }

  private static String contentType(Exchange exchange) {
    return Optional.ofNullable(exchange.headers().get(HttpHeaderNames.CONTENT_TYPE)).orElse("");
  }

  private static String mediaType(Exchange exchange) {
    return contentType(exchange).split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  private static void requireTextCharset(Exchange exchange) {
    String lower =
        contentType(exchange).toLowerCase(Locale.ROOT).replace("\"", "").replace(" ", "");
    if (!lower.startsWith("text/")) {
      return;
    }
    int charset = lower.indexOf(";charset=");
    if (charset >= 0) {
      String name = lower.substring(charset + 9).split(";", 2)[0];
      if (!name.equals("utf-8") && !name.equals("utf8") && !name.equals("us-ascii")) {
        throw new HttpError(
            HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "A text publication is UTF-8");
      }
    }
  }

  private void requireRate(Exchange exchange, Caller caller, List<PublishEntry> entries) {
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

  private void requireFits(String channel, long bytes) {
    int most = hub.policies().rules(channel).payload();
    if (bytes > most) {
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
}
