package dev.halley.server.transport;

import dev.halley.broker.Gap;
import dev.halley.server.hub.Subscription;

/** What {@code halley.v1} says of a channel besides its publications. */
final class V1Messages {
  private V1Messages() {}

  /** Where reading of a channel of the URL begins. */
  static String subscribed(Subscription subscription) {
    return "{\"channel\":\""
        + subscription.channel()
        + "\",\"subscribed\":{\"position\":\""
        + subscription.position()
        + "\"}}";
  }

  /** What is lost. */
  static String gap(String channel, Gap gap) {
    return "{\"channel\":\""
        + channel
        + "\",\"gap\":{\"from\":\""
        + gap.from()
        + "\",\"to\":\""
        + gap.to()
        + "\"}}";
  }
}
