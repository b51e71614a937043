package dev.halley.inspector.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.halley.inspector.TapLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page and its events.
 *
 * <p>What is tapped is private, and a page of any site may send requests to a loopback address. So
 * only those are answered whose Host is an address or {@code localhost}, which no name in the DNS
 * can be made to be, and whose Origin, if they have one, is this server.
 */
public final class PageServer implements AutoCloseable {
  private static final int MOST_VIEWERS = 16;
  private static final int BATCH = 200;
  private static final long HEARTBEAT_MILLIS = 1000;
  private static final Pattern SAFE_HOST =
      Pattern.compile("(localhost|[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+\\])(:[0-9]{1,5})?");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");
  private static final Pattern FILE = Pattern.compile("[a-z0-9]+\\.(html|js|css|svg)");
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final TapLog log;
  private final LongSupplier bytes;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String epoch = Long.toString(System.nanoTime(), Character.MAX_RADIX);
  private final Semaphore viewers = new Semaphore(MOST_VIEWERS);

  private PageServer(HttpServer server, TapLog log, LongSupplier bytes) {
    this.server = server;
    this.log = log;
    this.bytes = bytes;
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the port can't be had
   */
  public static PageServer start(InetSocketAddress address, TapLog log, LongSupplier bytes)
      throws IOException {
    PageServer page = new PageServer(HttpServer.create(address, 0), log, bytes);
    page.server.createContext("/", page::handle);
    page.server.setExecutor(page.threads);
    page.server.start();
    return page;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers answer = exchange.getResponseHeaders();
      answer.set("Content-Security-Policy", POLICY);
      answer.set("X-Content-Type-Options", "nosniff");
      answer.set("Referrer-Policy", "no-referrer");
      answer.set("Cross-Origin-Resource-Policy", "same-origin");
      answer.set("Cache-Control", "no-store");
      String path = exchange.getRequestURI().getPath();
      if (!isWelcome(exchange.getRequestHeaders())) {
        send(
            exchange,
            403,
            "text/plain",
            "Ask for this page by address, not by name.".getBytes(UTF_8));
      } else if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", new byte[0]);
      } else if (path.equals("/events")) {
        events(exchange);
      } else {
        file(exchange, path.equals("/") ? "index.html" : path.substring(1));
      }
    }
  }

  private static boolean isWelcome(Headers request) {
    String host = lower(request.getFirst("Host"));
    String origin = lower(request.getFirst("Origin"));
    return SAFE_HOST.matcher(host).matches()
        && (origin.isEmpty() || origin.equals("http://" + host));
  }

  private static String lower(@Nullable String value) {
    return value == null ? "" : value.toLowerCase(Locale.ROOT);
  }

  private static void file(HttpExchange exchange, String name) throws IOException {
    if (FILE.matcher(name).matches()) {
      try (InputStream in = PageServer.class.getResourceAsStream(name)) {
        if (in != null) {
          String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "text/plain");
          send(exchange, 200, type, in.readAllBytes());
          return;
        }
      }
    }
    send(exchange, 404, "text/plain", "not found".getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  // ---- the event stream

  private void events(HttpExchange exchange) throws IOException {
    if (!viewers.tryAcquire()) {
      send(exchange, 503, "text/plain", "too many viewers".getBytes(UTF_8));
      return;
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      stream(exchange.getResponseBody(), since(exchange.getRequestHeaders()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      viewers.release();
    }
  }

  /** A browser that comes back says of which log it had which event last. */
  private long since(Headers request) {
    String id = lower(request.getFirst("Last-Event-ID"));
    String number = id.startsWith(epoch + "-") ? id.substring(epoch.length() + 1) : "";
    return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : log.oldest();
  }

  private void stream(OutputStream out, long from) throws IOException, InterruptedException {
    long cursor = from;
    out.write(("event: log\ndata: " + epoch + "\n\n").getBytes(UTF_8));
    while (true) {
      TapLog.Batch batch = log.read(cursor, BATCH, HEARTBEAT_MILLIS);
      StringBuilder text = new StringBuilder();
      if (batch.missed() > 0) {
        text.append("event: gap\ndata: ").append(batch.missed()).append("\n\n");
      }
      if (!batch.events().isEmpty()) {
        text.append("id: ").append(epoch).append('-').append(batch.next()).append("\ndata: ");
        text.append(EventJson.of(batch.first(), batch.events())).append("\n\n");
      }
      cursor = batch.next();
      if (batch.events().size() < BATCH) {
        text.append("event: totals\ndata: ").append(totals()).append("\n\n");
      }
      out.write(text.toString().getBytes(UTF_8));
      out.flush();
      if (batch.ended()) {
        Thread.sleep(HEARTBEAT_MILLIS);
      }
    }
  }

  private String totals() {
    TapLog.Totals totals = log.totals();
    return String.format(
        Locale.ROOT,
        "[%d,%d,%d,%d,%d]",
        totals.connections(),
        totals.open(),
        totals.frames(),
        bytes.getAsLong(),
        totals.breaches());
  }
}
