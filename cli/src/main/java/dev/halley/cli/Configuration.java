package dev.halley.cli;

import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.PresenceLimits;
import dev.halley.server.Arriving;
import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelPolicy;
import dev.halley.server.Drain;
import dev.halley.server.Http2;
import dev.halley.server.PresenceConfig;
import dev.halley.server.ProxyTrust;
import dev.halley.server.Rates;
import dev.halley.server.ServerConfig;
import dev.halley.server.Tls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The value of every setting, and what the server and the broker make of them. */
final class Configuration {
  /** What {@code dev} allows. */
  static final List<String> PAGES_OF_THIS_MACHINE =
      List.of(
          "http://localhost:*",
          "http://127.0.0.1:*",
          "http://[::1]:*",
          "https://localhost:*",
          "https://127.0.0.1:*",
          "https://[::1]:*");

  private final Map<Setting<?>, Object> values;
  private final Map<Setting<?>, Written> written;
  private final List<ChannelPolicy> policies;

  /**
   * Where a value comes from.
   *
   * @param text as it is written there
   * @param origin a flag, a variable, a file and its key, or {@code default}
   */
  record Written(String text, String origin) {}

  /**
   * {@code values} has one of the right type for each of {@link Settings#all}, and {@code written}
   * those that are no defaults.
   */
  Configuration(
      Map<Setting<?>, Object> values,
      Map<Setting<?>, Written> written,
      List<ChannelPolicy> policies) {
    this.values = Map.copyOf(values);
    this.written = Map.copyOf(written);
    this.policies = List.copyOf(policies);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // there is a value of the right type for each
  <T> T get(Setting<T> setting) {
    return (T) values.get(setting);
  }

  /** What was written of a setting, and where. */
  Written written(Setting<?> setting) {
    return written.getOrDefault(setting, new Written(setting.defaultText(), "default"));
  }

  /**
   * What the server is told.
   *
   * @throws CommandException if the settings don't fit together
   */
  ServerConfig server() {
    try {
      return new ServerConfig(
          new ServerConfig.Network(
              get(Settings.HOST), get(Settings.PORT), get(Settings.IO), get(Settings.THREADS)),
          access(),
          new ProxyTrust(get(Settings.PROXY_TRUST), get(Settings.PROXY_HEADER)),
          TokenSettings.read(this),
          HookSettings.read(this),
          timing(),
          limits(),
          arriving(),
          new Rates(
              get(Settings.REQUESTS_PER_ADDRESS),
              get(Settings.PUBLICATIONS_PER_ADDRESS),
              get(Settings.PUBLICATIONS_PER_USER)),
          new ServerConfig.Compression(
              get(Settings.COMPRESSION_LEVEL), get(Settings.COMPRESSION_THRESHOLD)),
          get(Settings.OVERFLOW),
          new PresenceConfig(
              get(Settings.PRESENCE_EVERYWHERE),
              get(Settings.PRESENCE_LEASE),
              get(Settings.PRESENCE_GRACE)),
          new Drain(get(Settings.DRAIN_ANNOUNCE), get(Settings.DRAIN_RATE)),
          tls(),
          new Http2(get(Settings.HTTP2_STREAMS), get(Settings.HTTP2_CONTROL_FRAMES)),
          get(Settings.ADMIN),
          get(Settings.ECHO),
          policies);
    } catch (IllegalArgumentException e) {
      throw unfit(e);
    }
  }

  /**
   * What the broker is told.
   *
   * @throws CommandException if the settings don't fit together
   */
  MemoryBroker.Config broker() {
    try {
      return new MemoryBroker.Config(
          new HistoryLimits(
              get(Settings.HISTORY_PUBLICATIONS),
              get(Settings.HISTORY_BYTES),
              get(Settings.HISTORY_AGE)),
          get(Settings.CHANNELS_MAX),
          get(Settings.HISTORY_TOTAL_BYTES)
              .orElseGet(() -> MemoryBroker.Config.totalBytesFor(MemoryBounds.maxHeap())),
          get(Settings.CHANNELS_IDLE),
          get(Settings.IDEMPOTENCY_WINDOW),
          get(Settings.IDEMPOTENCY_KEYS),
          new PresenceLimits(
              get(Settings.PRESENCE_MEMBERS),
              get(Settings.PRESENCE_TOTAL),
              get(Settings.PRESENCE_CHANNELS_PER_USER)));
    } catch (IllegalArgumentException e) {
      throw unfit(e);
    }
  }

  private ServerConfig.Access access() {
    List<String> origins = new ArrayList<>(get(Settings.ALLOW_ORIGIN));
    if (get(Settings.DEV)) {
      if (!AccessReport.isLoopback(get(Settings.HOST))) {
        throw new IllegalArgumentException(
            "dev is for a loopback address: without it, say --allow-origin "
                + String.join(",", PAGES_OF_THIS_MACHINE));
      }
      origins.addAll(PAGES_OF_THIS_MACHINE);
    }
    return new ServerConfig.Access(get(Settings.API_KEY), origins, get(Settings.ALLOW_HOST));
  }

  private Tls tls() {
    Optional<String> certificate = get(Settings.TLS_CERT);
    Optional<String> key = get(Settings.TLS_KEY);
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException("tls.cert and tls.key are given together");
    }
    if (certificate.isPresent() && get(Settings.TLS_SELF_SIGNED)) {
      throw new IllegalArgumentException("tls.self-signed is given without tls.cert");
    }
    if (certificate.isPresent()) {
      return new Tls.Files(Path.of(certificate.get()), Path.of(key.orElseThrow()));
    }
    return get(Settings.TLS_SELF_SIGNED) ? new Tls.SelfSigned() : new Tls.Off();
  }

  /** What is kept of each channel, for the broker. */
  Function<String, HistoryLimits> history() {
    return ChannelPolicies.history(policies, broker().history());
  }

  private ServerConfig.Timing timing() {
    return new ServerConfig.Timing(
        get(Settings.HANDSHAKE_TIMEOUT),
        get(Settings.KEEP_ALIVE_TIMEOUT),
        get(Settings.MAX_WAIT),
        get(Settings.HEARTBEAT),
        get(Settings.SILENCE_TIMEOUT),
        get(Settings.DRAIN_TIMEOUT));
  }

  private ServerConfig.Limits limits() {
    return new ServerConfig.Limits(
        get(Settings.CONNECTIONS),
        get(Settings.CONNECTIONS_PER_ADDRESS),
        get(Settings.CONNECTIONS_PER_USER),
        get(Settings.REQUEST_HEAD),
        get(Settings.PAYLOAD),
        get(Settings.REQUEST_BODY),
        get(Settings.ECHO_MESSAGE),
        get(Settings.CHANNELS_PER_CONNECTION),
        get(Settings.POLL_PUBLICATIONS),
        get(Settings.POLL_BYTES),
        get(Settings.PARKED_POLLS),
        get(Settings.PENDING_BYTES),
        get(Settings.PIPELINED_REQUESTS),
        get(Settings.LISTENING_BYTES)
            .orElseGet(() -> ServerConfig.Limits.listeningBytesFor(MemoryBounds.maxHeap())));
  }

  /** Where nothing is said of memory, it is what fits the memory at hand. */
  private Arriving arriving() {
    long bytes =
        get(Settings.ARRIVING_BYTES)
            .orElseGet(() -> Arriving.bytesFor(Runtime.getRuntime().maxMemory()));
    return new Arriving(
        bytes,
        get(Settings.ARRIVING_BYTES_PER_ADDRESS)
            .orElseGet(() -> Arriving.bytesPerAddressFor(bytes)),
        get(Settings.BATCH_ENTRIES),
        get(Settings.JSON_DEPTH),
        get(Settings.JSON_NUMBER),
        get(Settings.JSON_NAME));
  }

  private static CommandException unfit(IllegalArgumentException e) {
    return CommandException.usage("a rule of the settings is broken: " + e.getMessage());
  }
}
