package dev.halley.server.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who makes a request, found out once for each. Immutable, so for any thread; all who are anonymous
 * are the same object.
 */
public sealed interface Caller permits AnonymousCaller, AskedCaller, KeyCaller, TokenCaller {
  /** Who it is, where a token says so. */
  Optional<String> subject();

  /** From when on it is nobody any more. */
  Optional<Instant> expiry();

  /** When to say that this comes, where it does. */
  default Optional<Instant> warning() {
    return Optional.empty();
  }

  /** What to say when it is nobody any more. */
  default Refusal expired() {
    return Refusal.expired("The token");
  }

  /** Whether it is one of the operator's own backends. */
  boolean hasKey();

  /** What stands against listening to a channel and reading its history. */
  Optional<Refusal> subscribeRefusal(String channel);

  /**
   * What stands against listening to some of these channels; it names all that are refused with the
   * same status.
   */
  default Optional<Refusal> subscribeRefusal(List<String> channels) {
    for (int i = 0; i < channels.size(); i++) {
      Optional<Refusal> first = subscribeRefusal(channels.get(i));
      if (first.isPresent()) {
        return first.map(it -> it.about(refused(channels, it.status())));
      }
    }
    return Optional.empty();
  }

  private List<String> refused(List<String> channels, int status) {
    List<String> refused = new ArrayList<>();
    for (String channel : channels) {
      if (subscribeRefusal(channel).filter(it -> it.status() == status).isPresent()) {
        refused.add(channel);
      }
    }
    return refused;
  }

  /** What stands against listening to any channel at all. */
  Optional<Refusal> subscribeRefusal();

  /** What stands against publishing to a channel. */
  Optional<Refusal> publishRefusal(String channel);

  /** What stands against publishing to any channel at all. */
  Optional<Refusal> publishRefusal();
}
