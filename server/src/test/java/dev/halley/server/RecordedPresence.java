package dev.halley.server;

import dev.halley.broker.Broker;
import dev.halley.broker.Presence;
import dev.halley.broker.Present;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.ObjIntConsumer;

/** A broker that tells what the server has said of who is present. */
record RecordedPresence(Broker broker, BlockingQueue<String> said)
    implements DelegatingBroker, Presence {
  RecordedPresence(Broker broker) {
    this(broker, new LinkedBlockingQueue<>());
  }

  private Presence real() {
    return broker.presence().orElseThrow();
  }

  @Override
  public CompletionStage<Boolean> renew(
      String channel, String user, String holder, Duration lease) {
    CompletionStage<Boolean> renewed = real().renew(channel, user, holder, lease);
    said.add("renew " + user + (holder.endsWith(".poll") ? " by poll " : " ") + lease);
    return renewed;
  }

  @Override
  public CompletionStage<Void> release(String channel, String user, String holder, Duration after) {
    CompletionStage<Void> released = real().release(channel, user, holder, after);
    said.add("release " + user + " " + after);
    return released;
  }

  @Override
  public CompletionStage<Void> count(String channel, String holder, int anonymous, Duration lease) {
    CompletionStage<Void> counted = real().count(channel, holder, anonymous, lease);
    said.add("count " + anonymous);
    return counted;
  }

  @Override
  public CompletionStage<Present> present(String channel) {
    return real().present(channel);
  }

  @Override
  public void forEachChannel(ObjIntConsumer<String> each) {
    real().forEachChannel(each);
  }

  @Override
  public Optional<Presence> presence() {
    return Optional.of(this);
  }
}
