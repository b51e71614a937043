package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AccessControl;
import dev.halley.server.access.Caller;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** What all polls share. */
final class PollHandler {
  private final ServerConfig config;
  private final Hub hub;
  private final ServerMetrics metrics;
  private final AccessControl access;
  private final Gate gate;
  private final Semaphore parked;
  private final Map<HubShard, PollAnswers> answers = new ConcurrentHashMap<>();

  PollHandler(
      ServerConfig config, Hub hub, ServerMetrics metrics, AccessControl access, Gate gate) {
    this.gate = gate;
    this.metrics = metrics;
    this.access = access;
    this.config = config;
    this.hub = hub;
    this.parked = new Semaphore(config.limits().parkedPolls());
  }

  ServerConfig config() {
    return config;
  }

  Hub hub() {
    return hub;
  }

  /** Answers with what went wrong. */
  void fail(Exchange exchange, Throwable cause) {
    gate.fail(exchange, cause);
  }

  ServerMetrics metrics() {
    return metrics;
  }

  AccessControl access() {
    return access;
  }

  /** Places for parked polls. */
  Semaphore parked() {
    return parked;
  }

  PollAnswers answers(HubShard shard) {
    return answers.computeIfAbsent(shard, PollAnswers::new);
  }

  void handle(Exchange exchange, ListenRequest request, Caller caller) {
    new Poll(this, exchange, request, caller).start();
  }
}
