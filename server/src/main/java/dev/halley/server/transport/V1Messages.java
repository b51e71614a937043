package dev.halley.server.transport;

import dev.halley.broker.Gap;
import dev.halley.server.access.Caller;
import dev.halley.server.hub.Subscription;
import java.time.Instant;

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

  /** When the caller's token expires, in milliseconds since 1970. */
  static String expires(Caller caller) {
    return "{" + expiresProperty(caller) + "}";
  }

  static String expiresProperty(Caller caller) {
    return "\"expires\":"
        + caller.expiry().map(Instant::toEpochMilli).map(String::valueOf).orElse("null");
  }

  /** The stream ends because the caller isn't what it was any more. */
  static String closed(Caller caller) {
    return "{\"closed\":{\"code\":"
        + HalleyCloseCode.UNAUTHORIZED
        + ",\"reason\":\""
        + caller.expired().rule()
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
