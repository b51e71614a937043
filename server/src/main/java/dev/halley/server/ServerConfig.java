package dev.halley.server;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All that can be set on a server. {@link #defaults} is a good start; the {@code with…} methods
 * change one branch.
 *
 * @param network where it listens and how it does I/O
 * @param access who may do what
 * @param proxyTrust which proxies are believed when they say who the client is
 * @param tokens JSON Web Tokens; with them, listening and publishing need one that allows it, where
 *     no policy says otherwise
 * @param hooks an endpoint of the application that is asked who may do what; with it, it is asked
 *     where no policy says otherwise
 * @param timing how long things may take
 * @param limits how large things may grow
 * @param arriving how much of what arrives may be held
 * @param rates how often strangers may ask
 * @param compression of WebSocket messages
 * @param overflow what happens to a stream whose cursor the log has left behind
 * @param presence how it is found out who is here
 * @param drain how it leaves its clients to others when it stops
 * @param tls whether it speaks TLS
 * @param http2 the bounds of connections of HTTP/2
 * @param admin whether there is a page for the operator
 * @param echoPath the path of a WebSocket echo endpoint, if there is to be one
 * @param policies what differs for some channels; the first that matches a channel holds
 */
public record ServerConfig(
    Network network,
    Access access,
    ProxyTrust proxyTrust,
    Optional<TokenConfig> tokens,
    Optional<HooksConfig> hooks,
    Timing timing,
    Limits limits,
    Arriving arriving,
    Rates rates,
    Compression compression,
    Overflow overflow,
    PresenceConfig presence,
    Drain drain,
    Tls tls,
    Http2 http2,
    AdminMode admin,
    Optional<String> echoPath,
    List<ChannelPolicy> policies) {

  /** Checks the echo path and the policies, and takes a copy of the list. */
  public ServerConfig {
    policies = List.copyOf(policies);
    ChannelPolicies.requireReachable(policies);
    for (ChannelPolicy policy : policies) {
      require(
          policy.payload().orElse(1) <= limits.requestBody(),
          "the payload of the policy for " + policy.pattern() + " is at most request-body");
      require(
          access.apiKey().isPresent() || !policy.asksFor(Permission.KEY),
          "the policy for " + policy.pattern() + " asks for the API key: set one with api-key");
      require(
          tokens.isPresent() || !policy.asksFor(Permission.TOKEN),
          "the policy for "
              + policy.pattern()
              + " asks for a token: set what tokens are signed with");
      require(
          isAsked(policy.subscribe(), HooksConfig.Event.SUBSCRIBE, hooks)
              && isAsked(policy.publish(), HooksConfig.Event.PUBLISH, hooks),
          "the policy for "
              + policy.pattern()
              + " asks the application: set hooks.url, and the event in hooks.events");
    }
    echoPath.ifPresent(
        path ->
            require(
                path.startsWith("/") && !path.startsWith("/channels"),
                "the echo path begins with / and is not below /channels"));
  }

  /** How bytes get in and out. */
  public enum Io {
    /** Epoll where it is available, NIO elsewhere. */
    AUTO,
    /** Linux io_uring. */
    IO_URING,
    /** Linux epoll. */
    EPOLL,
    /** The JDK's selector. */
    NIO
  }

  /** What happens to a stream when publications that it has not been sent leave the log. */
  public enum Overflow {
    /** It is told of the gap and goes on with the oldest that is kept. */
    GAP,
    /** It is told of the gap and goes on with the newest one: for prices and positions. */
    LATEST,
    /** It is closed: 1013 on a WebSocket. */
    CLOSE
  }

  /**
   * Where the server listens.
   *
   * @param host a name or an address of this machine
   * @param port 0 lets the system choose one
   * @param io how to do I/O
   * @param threads event loops, each with a shard of its own; 0 is one per processor
   */
  public record Network(String host, int port, Io io, int threads) {
    /** Checks the numbers. */
    public Network {
      require(!host.isBlank(), "the host is not empty");
      require(port >= 0 && port <= 65535, "a port is 0 to 65535");
      require(threads >= 0 && threads <= 1024, "threads are 0 to 1024");
    }
  }

  /**
   * Who may do what.
   *
   * @param apiKey what a publisher must send as {@code Authorization: Bearer …}; without one
   *     anybody who reaches the port may publish
   * @param allowedOrigins the origins besides the server's own whose pages may use it ({@code
   *     https://app.example.org}, {@code https://*.example.org}; see {@link OriginPattern}); {@code
   *     *} is any, then without credentials
   * @param allowedHosts names by which the server may be called ({@code Host}) besides those of
   *     loopback addresses and of allowed origins, where it listens on a loopback address without
   *     any keys; elsewhere every name counts
   */
  public record Access(
      Optional<String> apiKey, List<String> allowedOrigins, List<String> allowedHosts) {
    /** Checks the key, has the origins as browsers write them, and takes copies of the lists. */
    public Access {
      require(apiKey.isEmpty() || !apiKey.get().isBlank(), "the API key is not empty");
      allowedOrigins =
          allowedOrigins.stream().map(it -> OriginPattern.parse(it).toString()).toList();
      allowedHosts = List.copyOf(allowedHosts);
      for (String host : allowedHosts) {
        require(
            host.matches("[A-Za-z0-9._-]+(:[0-9]{1,5})?|\\[[0-9A-Fa-f:.]+](:[0-9]{1,5})?"),
            "allow-host: \""
                + host
                + "\" is no name of a host: write one such as push.example.org");
      }
    }

    /** Without further names. */
    public Access(Optional<String> apiKey, List<String> allowedOrigins) {
      this(apiKey, allowedOrigins, List.of());
    }

    /** The key is secret. */
    @Override
    public String toString() {
      return "Access[apiKey="
          + apiKey.map(key -> "masked")
          + ", allowedOrigins="
          + allowedOrigins
          + ", allowedHosts="
          + allowedHosts
          + "]";
    }
  }

  /**
   * How long things may take.
   *
   * <p>*
   *
   * @param handshake from the connection's begin, or from a request's first byte, to the end of its
   *     head; a body that goes on arriving has as long as it takes
   * @param keepAlive how long an HTTP connection may stay open between two requests, from when the
   *     answer to the first has left * (What has arrived and isn't done with has one bound in
   *     memory, heads are looked at before bodies are kept, and batches run in pieces)
   * @param maxWait the longest that a long poll is held, whatever it asks for
   * @param heartbeat a stream that was sent nothing for so long gets a ping (WebSocket) or a
   *     comment (SSE)
   * @param silence a WebSocket or a connection of HTTP/2 from which nothing came for so long, pings
   *     notwithstanding, is closed, and so is a connection whose machine answers nothing, or that
   *     takes next to nothing of an answer; all of that within this time if {@code heartbeat} is at
   *     most half of it
   * @param drain how long connections may take to leave when the server stops; see {@link Drain}
   */
  public record Timing(
      Duration handshake,
      Duration keepAlive,
      Duration maxWait,
      Duration heartbeat,
      Duration silence,
      Duration drain) {
    /** Checks that all are positive. */
    public Timing {
      requirePositive(handshake, "handshake");
      requirePositive(keepAlive, "keep-alive");
      requirePositive(maxWait, "max-wait");
      requirePositive(heartbeat, "heartbeat");
      require(silence.compareTo(heartbeat) > 0, "silence is longer than heartbeat");
      requirePositive(drain, "drain");
    }
  }

  /**
   * How large things may grow. Sizes are in bytes.
   *
   * @param connections open at the same time
   * @param connectionsPerAddress from one address, or one /64 network of IPv6; those of trusted
   *     proxies count for whom they speak; loopback addresses, where a proxy of this machine comes
   *     from, are exempt
   * @param connectionsPerUser streams and requests under way of one token's subject, from wherever
   *     they are
   * @param requestHead request line and header fields, each
   * @param payload one publication
   * @param requestBody one publishing request, so the bound of a batch
   * @param echoMessage one message of the echo endpoint
   * @param channelsPerConnection in one request or subscribed by one connection
   * @param pollPublications in one answer to a poll, and the largest {@code ?limit=}
   * @param pollBytes payload bytes after which an answer to a poll ends
   * @param parkedPolls long polls that are held at the same time
   * @param pendingBytes what may wait in the server for one connection's socket; a stream with more
   *     than that reads its channels' logs later
   * @param pipelinedRequests requests of one connection that wait for the answer to an earlier one
   * @param listeningBytes memory of all connections, and of all subscriptions and parked polls, as
   *     it is roughly
   */
  public record Limits(
      int connections,
      int connectionsPerAddress,
      int connectionsPerUser,
      int requestHead,
      int payload,
      int requestBody,
      int echoMessage,
      int channelsPerConnection,
      int pollPublications,
      int pollBytes,
      int parkedPolls,
      int pendingBytes,
      int pipelinedRequests,
      long listeningBytes) {
    /** Room for some hundred connections, however small the heap is. */
    private static final long LEAST_LISTENING = 4L << 20;

    /** Checks that all are positive. */
    public Limits {
      requirePositive(connections, "connections");
      requirePositive(connectionsPerAddress, "connections-per-address");
      requirePositive(connectionsPerUser, "connections-per-user");
      requirePositive(requestHead, "request-head");
      requirePositive(payload, "payload");
      require(requestBody >= payload, "request-body is at least payload");
      requirePositive(echoMessage, "echo-message");
      requirePositive(channelsPerConnection, "channels-per-connection");
      requirePositive(pollPublications, "poll-publications");
      requirePositive(pollBytes, "poll-bytes");
      requirePositive(parkedPolls, "parked-polls");
      requirePositive(pendingBytes, "pending-bytes");
      requirePositive(pipelinedRequests, "pipelined-requests");
      require(listeningBytes >= 1, "listening-bytes is at least 1");
    }

    /**
     * The usual share of a heap of so many bytes for connections and listeners: a quarter of it.
     */
    public static long listeningBytesFor(long heap) {
      return Math.max(LEAST_LISTENING, heap / 4);
    }

    /** The same with another bound of the memory of connections and listeners. */
    public Limits withListeningBytes(long other) {
      return new Limits(
          connections,
          connectionsPerAddress,
          connectionsPerUser,
          requestHead,
          payload,
          requestBody,
          echoMessage,
          channelsPerConnection,
          pollPublications,
          pollBytes,
          parkedPolls,
          pendingBytes,
          pipelinedRequests,
          other);
    }
  }

  /**
   * The compression of WebSocket messages (permessage-deflate, RFC 7692), with clients that offer
   * it. Each message is compressed for itself, without context takeover, and a publication once for
   * all who listen on one event loop; no connection has a deflater of its own.
   *
   * @param level 1 (fast) to 9 (small); 0 declines all offers
   * @param threshold messages of fewer bytes go as they are; at least 1
   */
  public record Compression(int level, int threshold) {
    /** Checks the numbers. */
    public Compression {
      require(level >= 0 && level <= 9, "a compression level is 0 to 9");
      requirePositive(threshold, "compression-threshold");
    }
  }

  /** What suits most: loopback only, port 8080, no key, same origin. */
  public static ServerConfig defaults() {
    return new ServerConfig(
        new Network("127.0.0.1", 8080, Io.AUTO, 0),
        new Access(Optional.empty(), List.of()),
        ProxyTrust.nobody(),
        Optional.empty(),
        Optional.empty(),
        new Timing(
            Duration.ofSeconds(10),
            Duration.ofSeconds(75),
            Duration.ofSeconds(55),
            Duration.ofSeconds(25),
            Duration.ofSeconds(90),
            Duration.ofSeconds(10)),
        new Limits(
            100_000,
            1_000,
            1_000,
            16 << 10,
            1 << 20,
            8 << 20,
            1 << 20,
            128,
            1_000,
            1 << 20,
            50_000,
            64 << 10,
            16,
            Limits.listeningBytesFor(Runtime.getRuntime().maxMemory())),
        Arriving.defaults(),
        Rates.unlimited(),
        new Compression(6, 256),
        Overflow.GAP,
        PresenceConfig.defaults(),
        Drain.defaults(),
        new Tls.Off(),
        Http2.defaults(),
        AdminMode.AUTO,
        Optional.empty(),
        List.of());
  }

  /** The same with another network. */
  public ServerConfig withNetwork(Network other) {
    return with(copy -> copy.network = other);
  }

  /** The same with other access rules. */
  public ServerConfig withAccess(Access other) {
    return with(copy -> copy.access = other);
  }

  /** The same with trust in other proxies. */
  public ServerConfig withProxyTrust(ProxyTrust other) {
    return with(copy -> copy.proxyTrust = other);
  }

  /** The same with JSON Web Tokens. */
  public ServerConfig withTokens(TokenConfig other) {
    return with(copy -> copy.tokens = Optional.of(other));
  }

  /** The same with web hooks. */
  public ServerConfig withHooks(HooksConfig other) {
    return with(copy -> copy.hooks = Optional.of(other));
  }

  /** The same with other times. */
  public ServerConfig withTiming(Timing other) {
    return with(copy -> copy.timing = other);
  }

  /** The same with other limits. */
  public ServerConfig withLimits(Limits other) {
    return with(copy -> copy.limits = other);
  }

  /** The same with other bounds of what arrives. */
  public ServerConfig withArriving(Arriving other) {
    return with(copy -> copy.arriving = other);
  }

  /** The same with other rates. */
  public ServerConfig withRates(Rates other) {
    return with(copy -> copy.rates = other);
  }

  /** The same with another compression. */
  public ServerConfig withCompression(Compression other) {
    return with(copy -> copy.compression = other);
  }

  /** The same with another overflow policy. */
  public ServerConfig withOverflow(Overflow other) {
    return with(copy -> copy.overflow = other);
  }

  /** The same with other times for presence. */
  public ServerConfig withPresence(PresenceConfig other) {
    return with(copy -> copy.presence = other);
  }

  /** The same with another way to leave. */
  public ServerConfig withDrain(Drain other) {
    return with(copy -> copy.drain = other);
  }

  /** The same with TLS, or without. */
  public ServerConfig withTls(Tls other) {
    return with(copy -> copy.tls = other);
  }

  /** The same with other bounds of HTTP/2. */
  public ServerConfig withHttp2(Http2 other) {
    return with(copy -> copy.http2 = other);
  }

  /** The same with another rule for the operator's page. */
  public ServerConfig withAdmin(AdminMode other) {
    return with(copy -> copy.admin = other);
  }

  /** The same with an echo endpoint. */
  public ServerConfig withEchoPath(String path) {
    return with(copy -> copy.echoPath = Optional.of(path));
  }

  /** The same with other policies. */
  public ServerConfig withPolicies(List<ChannelPolicy> other) {
    return with(copy -> copy.policies = other);
  }

  private ServerConfig with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.config();
  }

  /** The components while one of them is changed. */
  private static final class Copy {
    Network network;
    Access access;
    ProxyTrust proxyTrust;
    Optional<TokenConfig> tokens;
    Optional<HooksConfig> hooks;
    Timing timing;
    Limits limits;
    Arriving arriving;
    Rates rates;
    Compression compression;
    Overflow overflow;
    PresenceConfig presence;
    Drain drain;
    Tls tls;
    Http2 http2;
    AdminMode admin;
    Optional<String> echoPath;
    List<ChannelPolicy> policies;

    Copy(ServerConfig config) {
      network = config.network;
      access = config.access;
      proxyTrust = config.proxyTrust;
      tokens = config.tokens;
      hooks = config.hooks;
      timing = config.timing;
      limits = config.limits;
      arriving = config.arriving;
      rates = config.rates;
      compression = config.compression;
      overflow = config.overflow;
      presence = config.presence;
      drain = config.drain;
      tls = config.tls;
      http2 = config.http2;
      admin = config.admin;
      echoPath = config.echoPath;
      policies = config.policies;
    }

    ServerConfig config() {
      return new ServerConfig(
          network,
          access,
          proxyTrust,
          tokens,
          hooks,
          timing,
          limits,
          arriving,
          rates,
          compression,
          overflow,
          presence,
          drain,
          tls,
          http2,
          admin,
          echoPath,
          policies);
    }
  }

  private static boolean isAsked(
      Optional<Permission> needed, HooksConfig.Event event, Optional<HooksConfig> hooks) {
    return needed.filter(Permission.HOOK::equals).isEmpty()
        || hooks.filter(it -> it.has(event)).isPresent();
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }

  private static void requirePositive(int value, String name) {
    require(value > 0, name + " is at least 1");
  }

  private static void requirePositive(Duration value, String name) {
    require(value.isPositive(), name + " is longer than 0");
  }
}
