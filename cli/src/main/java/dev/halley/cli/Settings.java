package dev.halley.cli;

import static dev.halley.cli.ValueType.ADDRESSES;
import static dev.halley.cli.ValueType.AUTO_SIZE;
import static dev.halley.cli.ValueType.COUNTS;
import static dev.halley.cli.ValueType.DURATIONS;
import static dev.halley.cli.ValueType.LARGE_SIZES;
import static dev.halley.cli.ValueType.LIST;
import static dev.halley.cli.ValueType.OPTIONAL_FILE;
import static dev.halley.cli.ValueType.OPTIONAL_PATH;
import static dev.halley.cli.ValueType.OPTIONAL_RATE;
import static dev.halley.cli.ValueType.OPTIONAL_TEXT;
import static dev.halley.cli.ValueType.OPTIONAL_URL;
import static dev.halley.cli.ValueType.SIZES;
import static dev.halley.cli.ValueType.SWITCH;
import static dev.halley.cli.ValueType.TEXT;
import static dev.halley.cli.ValueType.numbers;
import static dev.halley.cli.ValueType.oneOf;
import static dev.halley.cli.ValueType.setOf;

import dev.halley.server.AddressRange;
import dev.halley.server.AdminMode;
import dev.halley.server.HooksConfig;
import dev.halley.server.ProxyTrust;
import dev.halley.server.Rate;
import dev.halley.server.ServerConfig;
import dev.halley.server.TokenConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The table of all that can be set on {@code halley serve}. */
final class Settings {
  private static final List<Setting<?>> TABLE = new ArrayList<>();

  static final Setting<String> HOST =
      add("host", TEXT, "127.0.0.1", "Name or address to listen on; 0.0.0.0 is all of IPv4");
  static final Setting<Integer> PORT =
      add("port", numbers("PORT", "port", 0, 65535), "8080", "Port; 0 lets the system choose one");
  static final Setting<ServerConfig.Io> IO =
      add(
          "io",
          oneOf(List.of(ServerConfig.Io.values())),
          "auto",
          "How to do I/O; auto is epoll where it is available");
  static final Setting<Integer> THREADS =
      add(
          "threads",
          numbers("COUNT", "number", 0, 1024),
          "0",
          "Event loops; 0 is one per processor");

  static final Setting<Optional<String>> TLS_CERT =
      add(
          "tls.cert",
          OPTIONAL_FILE,
          "",
          "PEM file with the server's certificate and those up to its root; read again when it changes");
  static final Setting<Optional<String>> TLS_KEY =
      add("tls.key", OPTIONAL_FILE, "", "PEM file with its private key, which isn't encrypted");
  static final Setting<Boolean> TLS_SELF_SIGNED =
      add(
          "tls.self-signed",
          SWITCH,
          "false",
          "Make a certificate at each start that nobody trusts, for trying out");
  static final Setting<Integer> HTTP2_STREAMS =
      add(
          "http2.streams",
          COUNTS,
          "128",
          "Requests and streams of one HTTP/2 connection at a time");
  static final Setting<Integer> HTTP2_CONTROL_FRAMES =
      add(
          "http2.control-frames",
          COUNTS,
          "200",
          "PING, SETTINGS and RST_STREAM frames of one HTTP/2 connection in 30 s, of each kind; ten times as many that need no answer, and more the more is sent and asked for");

  static final Setting<Optional<String>> API_KEY =
      add(
          "api-key",
          OPTIONAL_TEXT,
          "",
          "What backends send as Authorization: Bearer KEY; without one, and without tokens, anybody who reaches the port may publish");
  static final Setting<Optional<String>> JWT_SECRET =
      add(
          "jwt.secret",
          OPTIONAL_TEXT,
          "",
          "What JSON Web Tokens are signed with (HS256), of at least 32 bytes; with it listening and publishing need one");
  static final Setting<Optional<String>> JWT_PUBLIC_KEY =
      add(
          "jwt.public-key",
          OPTIONAL_FILE,
          "",
          "PEM file with the public key of whoever signs them, instead: RSA (RS256), P-256 (ES256) or Ed25519 (EdDSA)");
  static final Setting<Optional<String>> JWKS =
      add(
          "jwks",
          OPTIONAL_URL,
          "",
          "URL of a key set (JWKS) with such public keys, instead; https, or http of this machine");
  static final Setting<String> JWT_COOKIE =
      add("jwt.cookie", TEXT, TokenConfig.DEFAULT_COOKIE, "Name of a cookie that may carry one");
  static final Setting<Optional<String>> JWT_ISSUER =
      add("jwt.issuer", OPTIONAL_TEXT, "", "What their iss must be, if it matters");
  static final Setting<Optional<String>> JWT_AUDIENCE =
      add("jwt.audience", OPTIONAL_TEXT, "", "What must be in their aud, if it matters");
  static final Setting<Duration> JWT_CLOCK_SKEW =
      add(
          "jwt.clock-skew",
          DURATIONS,
          "10s",
          "How far the clock of whoever signs them may be ahead of this one's, for nbf; at most 5m");
  static final Setting<Optional<String>> HOOKS_URL =
      add(
          "hooks.url",
          OPTIONAL_URL,
          "",
          "URL of your application that is asked who may do what (web hooks); https, or http of this machine");
  static final Setting<Boolean> HOOKS_PLAIN_HTTP =
      add(
          "hooks.plain-http",
          SWITCH,
          "false",
          "Allow http of another machine: what is asked, cookies too, and answered can be read and forged on its way");
  static final Setting<Set<HooksConfig.Event>> HOOKS_EVENTS =
      add(
          "hooks.events",
          setOf(List.of(HooksConfig.Event.values())),
          "connect,subscribe,publish,disconnect",
          "What it is asked, and told");
  static final Setting<List<String>> HOOKS_HEADERS =
      add(
          "hooks.headers",
          LIST,
          String.join(",", HooksConfig.DEFAULT_HEADERS),
          "Header fields of clients' requests that it gets to see");
  static final Setting<Optional<String>> HOOKS_SECRET =
      add(
          "hooks.secret",
          OPTIONAL_TEXT,
          "",
          "What questions are signed with (HMAC-SHA256), of at least 32 bytes, so that it knows who asks");
  static final Setting<Duration> HOOKS_TIMEOUT =
      add("hooks.timeout", DURATIONS, "2s", "How long an answer may take, each try");
  static final Setting<Integer> HOOKS_RETRIES =
      add(
          "hooks.retries",
          numbers("COUNT", "number", 0, 10),
          "1",
          "Further tries where none came, or 502, 503 or 504; all together take at most 20s");
  static final Setting<Integer> HOOKS_IN_FLIGHT =
      add("hooks.in-flight", COUNTS, "64", "Questions that it is asked at the same time");
  static final Setting<Integer> HOOKS_WAITING =
      add(
          "hooks.waiting",
          numbers("COUNT", "number", 0, Integer.MAX_VALUE),
          "1_000",
          "Questions, and notices, that wait for their turn; more questions are answered with 503");
  static final Setting<Integer> HOOKS_CACHE =
      add(
          "hooks.cache",
          numbers("COUNT", "number", 0, Integer.MAX_VALUE),
          "10_000",
          "Answers kept where it says for how long (Cache-Control: max-age)");
  static final Setting<Integer> HOOKS_CIRCUIT_FAILURES =
      add(
          "hooks.circuit-failures",
          COUNTS,
          "5",
          "Questions in a row without an answer, after which it isn't asked for a while");
  static final Setting<Duration> HOOKS_CIRCUIT_PAUSE =
      add("hooks.circuit-pause", DURATIONS, "5s", "How long that is");
  static final Setting<List<String>> ALLOW_ORIGIN =
      add(
          "allow-origin",
          LIST,
          "",
          "Origins besides the server's own whose pages may use it, such as https://app.example.org; https://*.example.org is all its subdomains, http://localhost:* any port of this machine, * any");
  static final Setting<List<String>> ALLOW_HOST =
      add(
          "allow-host",
          LIST,
          "",
          "Names by which a server without keys that listens on a loopback address may be called (Host), besides those of this machine and of allow-origin: for a proxy in front");
  static final Setting<Boolean> DEV =
      add(
          "dev",
          SWITCH,
          "false",
          "Pages of this machine, on whatever port, may use the server, for developing; only where it listens on a loopback address");
  static final Setting<List<AddressRange>> PROXY_TRUST =
      add(
          "proxy.trust",
          ADDRESSES,
          "",
          "Addresses of proxies that are believed when they say who the client is, such as 127.0.0.1,10.0.0.0/8");
  static final Setting<ProxyTrust.Header> PROXY_HEADER =
      add(
          "proxy.header",
          oneOf(List.of(ProxyTrust.Header.values())),
          "x-forwarded-for",
          "By what they say it; proxy-protocol is then needed on each of their connections");
  static final Setting<Optional<String>> ECHO =
      add("echo", OPTIONAL_PATH, "", "Path of a WebSocket echo endpoint, if there is to be one");
  static final Setting<AdminMode> ADMIN =
      add(
          "admin",
          oneOf(List.of(AdminMode.values())),
          "auto",
          "The operator's page at /admin: auto is where the server listens on a loopback address only");
  static final Setting<LogFormat> LOG_FORMAT =
      add(
          "log-format",
          oneOf(List.of(LogFormat.values())),
          "plain",
          "Lines of the log, on standard error: plain for people, json for machines");
  static final Setting<Integer> COMPRESSION_LEVEL =
      add(
          "compression.level",
          numbers("LEVEL", "level", 0, 9),
          "6",
          "Of WebSocket messages (permessage-deflate): 1 is fast, 9 is small, 0 compresses nothing");
  static final Setting<Integer> COMPRESSION_THRESHOLD =
      add("compression.threshold", SIZES, "256", "Smaller WebSocket messages go as they are");
  static final Setting<ServerConfig.Overflow> OVERFLOW =
      add(
          "overflow",
          oneOf(List.of(ServerConfig.Overflow.values())),
          "gap",
          "What happens to a stream that the log has left behind: a gap and on from the oldest, the same with the newest, or its end");

  static final Setting<Duration> HANDSHAKE_TIMEOUT =
      add("handshake-timeout", DURATIONS, "10s", "How long a request may take to arrive");
  static final Setting<Duration> KEEP_ALIVE_TIMEOUT =
      add(
          "keep-alive-timeout",
          DURATIONS,
          "75s",
          "How long a connection may idle between two requests");
  static final Setting<Duration> MAX_WAIT =
      add("max-wait", DURATIONS, "55s", "The longest that a long poll is held");
  static final Setting<Duration> HEARTBEAT =
      add(
          "heartbeat",
          DURATIONS,
          "25s",
          "A stream that was sent nothing for so long gets a ping or a comment");
  static final Setting<Duration> SILENCE_TIMEOUT =
      add(
          "silence-timeout",
          DURATIONS,
          "90s",
          "A client that is gone, or takes nothing of an answer, for so long is let go; longer than heartbeat, best twice as long");
  static final Setting<Duration> DRAIN_TIMEOUT =
      add(
          "drain-timeout",
          DURATIONS,
          "10s",
          "How long connections may take to leave when the server stops");
  static final Setting<Duration> DRAIN_ANNOUNCE =
      add(
          "drain.announce",
          DURATIONS,
          "0s",
          "How long a stopping server still accepts while /health/ready says 503, so that load balancers see it");
  static final Setting<Integer> DRAIN_RATE =
      add(
          "drain.rate",
          COUNTS,
          "500",
          "Connections that a stopping server tells to leave in one second; more, where half of drain-timeout is too short");

  static final Setting<Integer> CONNECTIONS =
      add("limits.connections", COUNTS, "100_000", "Connections open at the same time");
  static final Setting<Integer> CONNECTIONS_PER_ADDRESS =
      add(
          "limits.connections-per-address",
          COUNTS,
          "1_000",
          "The same from one address, or one /64 network of IPv6; loopback is exempt");
  static final Setting<Integer> CONNECTIONS_PER_USER =
      add(
          "limits.connections-per-user",
          COUNTS,
          "1_000",
          "Streams and polls of one user at the same time, by the sub of his tokens");
  static final Setting<Integer> REQUEST_HEAD =
      add("limits.request-head", SIZES, "16KiB", "Request line and header fields, each");
  static final Setting<Integer> PAYLOAD = add("limits.payload", SIZES, "1MiB", "One publication");
  static final Setting<Integer> REQUEST_BODY =
      add(
          "limits.request-body",
          SIZES,
          "8MiB",
          "One request's body, so one batch; at least limits.payload");
  static final Setting<Optional<Long>> ARRIVING_BYTES =
      add(
          "limits.arriving-bytes",
          AUTO_SIZE,
          "auto",
          "Memory of all that has arrived and isn't published or answered; auto is a quarter of the heap, 8MiB to 256MiB");
  static final Setting<Optional<Long>> ARRIVING_BYTES_PER_ADDRESS =
      add(
          "limits.arriving-bytes-per-address",
          AUTO_SIZE,
          "auto",
          "The same of one address, or one /64 network of IPv6; auto is half of it; loopback is exempt");
  static final Setting<Integer> BATCH_ENTRIES =
      add("limits.batch-entries", COUNTS, "1_000", "Publications of one batch");
  static final Setting<Integer> JSON_DEPTH =
      add("limits.json-depth", COUNTS, "500", "Arrays and objects within each other in JSON");
  static final Setting<Integer> JSON_NUMBER =
      add("limits.json-number", COUNTS, "1_000", "Digits of a number in JSON");
  static final Setting<Integer> JSON_NAME =
      add("limits.json-name", COUNTS, "50_000", "Bytes of a name in a JSON object");
  static final Setting<Integer> ECHO_MESSAGE =
      add("limits.echo-message", SIZES, "1MiB", "One message of the echo endpoint");
  static final Setting<Integer> CHANNELS_PER_CONNECTION =
      add(
          "limits.channels-per-connection",
          COUNTS,
          "128",
          "Channels in one request or subscribed by one connection");
  static final Setting<Integer> POLL_PUBLICATIONS =
      add("limits.poll-publications", COUNTS, "1_000", "Publications in one answer to a poll");
  static final Setting<Integer> POLL_BYTES =
      add("limits.poll-bytes", SIZES, "1MiB", "Payload bytes after which an answer to a poll ends");
  static final Setting<Integer> PARKED_POLLS =
      add("limits.parked-polls", COUNTS, "50_000", "Long polls held at the same time");
  static final Setting<Integer> PENDING_BYTES =
      add(
          "limits.pending-bytes",
          SIZES,
          "64KiB",
          "What may wait in the server for one connection's socket");
  static final Setting<Integer> PIPELINED_REQUESTS =
      add(
          "limits.pipelined-requests",
          COUNTS,
          "16",
          "Requests of one connection that wait for an earlier one's answer");
  static final Setting<Optional<Long>> LISTENING_BYTES =
      add(
          "limits.listening-bytes",
          AUTO_SIZE,
          "auto",
          "Memory of connections, subscriptions and parked polls; auto is a quarter of the heap");

  static final Setting<Optional<Rate>> REQUESTS_PER_ADDRESS =
      add(
          "rates.requests-per-address",
          OPTIONAL_RATE,
          "",
          "Requests of one address, or one /64 network of IPv6, such as 50/s; more are answered with 429; loopback is exempt");

  static final Setting<Optional<Rate>> PUBLICATIONS_PER_ADDRESS =
      add(
          "rates.publications-per-address",
          OPTIONAL_RATE,
          "",
          "Publications of one address, by requests and WebSockets together; loopback and whoever has the API key are exempt");
  static final Setting<Optional<Rate>> PUBLICATIONS_PER_USER =
      add(
          "rates.publications-per-user",
          OPTIONAL_RATE,
          "",
          "The same of one user, by the sub of his tokens, from wherever they come");

  static final Setting<Integer> HISTORY_PUBLICATIONS =
      add("history.publications", COUNTS, "1_000", "Publications kept of one channel");
  static final Setting<Long> HISTORY_BYTES =
      add("history.bytes", LARGE_SIZES, "8MiB", "Bytes kept of one channel");
  static final Setting<Duration> HISTORY_AGE =
      add("history.age", DURATIONS, "1h", "How long a publication is kept");
  static final Setting<Optional<Long>> HISTORY_TOTAL_BYTES =
      add(
          "history.total-bytes",
          AUTO_SIZE,
          "auto",
          "Memory of what is kept of all channels, of the channels, idempotency keys and members; auto is a quarter of the heap");
  static final Setting<Integer> CHANNELS_MAX =
      add("channels.max", COUNTS, "100_000", "Channels that are kept at the same time");
  static final Setting<Duration> CHANNELS_IDLE =
      add(
          "channels.idle",
          DURATIONS,
          "10m",
          "An empty channel that nobody used for so long is forgotten");
  static final Setting<Duration> IDEMPOTENCY_WINDOW =
      add("idempotency.window", DURATIONS, "5m", "How long an Idempotency-Key is remembered");
  static final Setting<Integer> IDEMPOTENCY_KEYS =
      add("idempotency.keys", COUNTS, "1_000", "Idempotency-Keys remembered of one channel");

  static final Setting<Boolean> PRESENCE_EVERYWHERE =
      add(
          "presence.everywhere",
          SWITCH,
          "false",
          "Every channel says who listens to it, where no policy says otherwise");
  static final Setting<Duration> PRESENCE_LEASE =
      add(
          "presence.lease",
          DURATIONS,
          "45s",
          "How long a user counts as present after the answer to a poll; at least 1s");
  static final Setting<Duration> PRESENCE_GRACE =
      add(
          "presence.grace",
          DURATIONS,
          "10s",
          "How long a user whose stream has ended still does, to come back without having left");
  static final Setting<Integer> PRESENCE_MEMBERS =
      add("presence.members", COUNTS, "1_000", "Users listed as present on one channel");
  static final Setting<Integer> PRESENCE_TOTAL =
      add("presence.total", COUNTS, "100_000", "Users listed as present on all channels together");

  static final Setting<Integer> PRESENCE_CHANNELS_PER_USER =
      add("presence.channels-per-user", COUNTS, "200", "Channels on which one user is listed");

  private static final List<Setting<?>> ALL = Collections.unmodifiableList(TABLE);

  private Settings() {}

  /** All of them, in the order of the help and the documentation. */
  static List<Setting<?>> all() {
    return ALL;
  }

  private static <T> Setting<T> add(
      String key, ValueType<T> type, String defaultText, String description) {
    Setting<T> setting = new Setting<>(key, type, defaultText, description);
    TABLE.add(setting);
    return setting;
  }
}
