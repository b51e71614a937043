package dev.halley.server;

import dev.halley.server.ServerConfig.Access;
import dev.halley.server.ServerConfig.Limits;
import dev.halley.server.ServerConfig.Timing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Configurations that differ from {@link TestServer#config} in one place. */
final class Configs {
  private Configs() {}

  static ServerConfig withHandshake(ServerConfig config, Duration handshake) {
    Timing t = config.timing();
    return config.withTiming(
        new Timing(handshake, t.keepAlive(), t.maxWait(), t.heartbeat(), t.silence(), t.drain()));
  }

  static ServerConfig withHeartbeat(ServerConfig config, Duration heartbeat, Duration silence) {
    Timing t = config.timing();
    return config.withTiming(
        new Timing(t.handshake(), t.keepAlive(), t.maxWait(), heartbeat, silence, t.drain()));
  }

  static ServerConfig withDrainTime(ServerConfig config, Duration drain) {
    Timing t = config.timing();
    return config.withTiming(
        new Timing(t.handshake(), t.keepAlive(), t.maxWait(), t.heartbeat(), t.silence(), drain));
  }

  static ServerConfig withKey(String key) {
    return TestServer.config().withAccess(new Access(Optional.of(key), List.of()));
  }

  static ServerConfig withOrigins(String... origins) {
    return TestServer.config()
        .withAccess(new Access(Optional.empty(), Stream.of(origins).toList()));
  }

  static ServerConfig withConnections(int connections) {
    Limits d = TestServer.config().limits();
    return withConnections(
        TestServer.config(), connections, d.connectionsPerAddress(), d.connectionsPerUser());
  }

  static ServerConfig withConnectionsPerAddress(ServerConfig config, int most) {
    Limits d = config.limits();
    return withConnections(config, d.connections(), most, d.connectionsPerUser());
  }

  static ServerConfig withConnectionsPerUser(ServerConfig config, int most) {
    Limits d = config.limits();
    return withConnections(config, d.connections(), d.connectionsPerAddress(), most);
  }

  private static ServerConfig withConnections(
      ServerConfig config, int connections, int perAddress, int perUser) {
    Limits d = config.limits();
    return config.withLimits(
        new Limits(
            connections,
            perAddress,
            perUser,
            d.requestHead(),
            d.payload(),
            d.requestBody(),
            d.echoMessage(),
            d.channelsPerConnection(),
            d.pollPublications(),
            d.pollBytes(),
            d.parkedPolls(),
            d.pendingBytes(),
            d.pipelinedRequests(),
            d.listeningBytes()));
  }

  static ServerConfig withParkedPolls(int parkedPolls) {
    Limits d = TestServer.config().limits();
    return TestServer.config()
        .withLimits(
            new Limits(
                d.connections(),
                d.connectionsPerAddress(),
                d.connectionsPerUser(),
                d.requestHead(),
                d.payload(),
                d.requestBody(),
                d.echoMessage(),
                d.channelsPerConnection(),
                d.pollPublications(),
                d.pollBytes(),
                parkedPolls,
                d.pendingBytes(),
                d.pipelinedRequests(),
                d.listeningBytes()));
  }

  /** With an echo endpoint at {@code /echo} that takes messages of so many bytes. */
  static ServerConfig withEcho(int echoMessage) {
    Limits d = TestServer.config().limits();
    return TestServer.config()
        .withEchoPath("/echo")
        .withLimits(
            new Limits(
                d.connections(),
                d.connectionsPerAddress(),
                d.connectionsPerUser(),
                d.requestHead(),
                d.payload(),
                d.requestBody(),
                echoMessage,
                d.channelsPerConnection(),
                d.pollPublications(),
                d.pollBytes(),
                d.parkedPolls(),
                d.pendingBytes(),
                d.pipelinedRequests(),
                d.listeningBytes()));
  }
}
