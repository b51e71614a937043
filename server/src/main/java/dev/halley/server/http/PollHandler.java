package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** What all polls share. */
final class PollHandler {
  private final ServerConfig config;
  private final Hub hub;
  private final Semaphore parked;
  private final Map<HubShard, PollAnswers> answers = new ConcurrentHashMap<>();

  PollHandler(ServerConfig config, Hub hub) {
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

  /** Places for parked polls. */
  Semaphore parked() {
    return parked;
  }

  PollAnswers answers(HubShard shard) {
    return answers.computeIfAbsent(shard, PollAnswers::new);
  }

  void handle(Exchange exchange, ListenRequest request) {
    new Poll(this, exchange, request).start();
  }
}
