package dev.halley.server.access;

import dev.halley.broker.PresenceChannels;
import dev.halley.server.Permission;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Somebody of whom the application is asked: what is known of him without it, and what it has
 * granted so far. Where the rules say that it is asked and it wasn't, this refuses: whoever forgets
 * to ask lets nobody in.
 */
public final class AskedCaller implements Caller {
  private static final Refusal NOT_ASKED =
      Refusal.unavailable("The application hasn't been asked for this");

  private final AccessRules rules;
  private final Caller known;
  private final Visitor visitor;
  private final Granted granted;

  /** All that was granted. */
  private record Granted(
      Optional<String> user,
      Optional<Instant> expiry,
      Optional<Instant> warning,
      List<ChannelPattern> subscribe,
      List<ChannelPattern> publish,
      Set<String> channels) {
    static final Granted NOTHING =
        new Granted(
            Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), Set.of());
  }

  private AskedCaller(AccessRules rules, Caller known, Visitor visitor, Granted granted) {
    this.rules = rules;
    this.known = known;
    this.visitor = visitor;
    this.granted = granted;
  }

  /** Of whom nothing has been asked yet. */
  static AskedCaller of(AccessRules rules, Caller known, Visitor visitor) {
    return new AskedCaller(rules, known, visitor, Granted.NOTHING);
  }

  /** What was found out without the application: nobody, or who has a token. */
  public Caller known() {
    return known;
  }

  /** What the application gets to see. */
  public Visitor visitor() {
    return visitor;
  }

  /** What a token of this server's says, as JSON, if there is one. */
  public Optional<String> claims() {
    return known instanceof TokenCaller it ? Optional.of(it.claims().json()) : Optional.empty();
  }

  /** The same, of whom nothing has been asked yet. */
  public AskedCaller anew() {
    return of(rules, known, visitor);
  }

  /** The same with another token of the application's own, of whom nothing has been asked yet. */
  public AskedCaller withToken(String token) {
    return of(rules, known, visitor.withToken(token));
  }

  /** The same with another token of this server's. */
  AskedCaller withKnown(Caller renewed) {
    return new AskedCaller(rules, renewed, visitor, granted);
  }

  /**
   * The same after the application has said yes to the connection.
   *
   * @throws RefusedException if it says that it is somebody else than is known
   */
  public AskedCaller connected(Grant grant, Instant now) {
    return with(grant, now, grant.subscribe(), grant.publish(), granted.channels);
  }

  /**
   * The same after the application has said yes to listening to a channel.
   *
   * @throws RefusedException if it says that it is somebody else than is known
   */
  public AskedCaller subscribed(String channel, Grant grant, Instant now) {
    Set<String> channels = new HashSet<>(granted.channels);
    channels.add(PresenceChannels.watched(channel));
    return with(grant, now, granted.subscribe, granted.publish, Set.copyOf(channels));
  }

  /** The same after it has ended to listen to a channel. */
  public AskedCaller unsubscribed(String channel) {
    String watched = PresenceChannels.watched(channel);
    if (!granted.channels.contains(watched)) {
      return this;
    }
    Set<String> channels = new HashSet<>(granted.channels);
    channels.remove(watched);
    return new AskedCaller(
        rules,
        known,
        visitor,
        new Granted(
            granted.user,
            granted.expiry,
            granted.warning,
            granted.subscribe,
            granted.publish,
            Set.copyOf(channels)));
  }

  /**
   * Returns if a yes is for whom it was asked.
   *
   * @throws RefusedException if the application says that it is somebody else
   */
  public void requireSame(Grant grant) {
    Optional<String> user = subject();
    if (grant.user().isPresent() && user.isPresent() && !grant.user().equals(user)) {
      throw new RefusedException(
          Refusal.forbidden("The application says that this is another user"));
    }
  }

  private AskedCaller with(
      Grant grant,
      Instant now,
      List<ChannelPattern> subscribe,
      List<ChannelPattern> publish,
      Set<String> channels) {
    requireSame(grant);
    Optional<Instant> expiry = earlier(granted.expiry, grant.expiry());
    Optional<Instant> warning =
        earlier(granted.warning, grant.expiry().map(it -> TokenCaller.warning(it, now)));
    Optional<String> user = granted.user.or(grant::user);
    return new AskedCaller(
        rules, known, visitor, new Granted(user, expiry, warning, subscribe, publish, channels));
  }

  /** Whether the application has to be asked before it may listen to a channel. */
  public boolean asksToSubscribe(String channel) {
    return rules.toSubscribe(channel) == Permission.HOOK
        && !granted.channels.contains(PresenceChannels.watched(channel))
        && !matches(granted.subscribe, PresenceChannels.watched(channel));
  }

  /** Whether the application has to be asked before it may publish to a channel. */
  public boolean asksToPublish(String channel) {
    return rules.toPublish(channel) == Permission.HOOK
        && !isKnownFromUrl()
        && !PresenceChannels.isOne(channel)
        && !matches(granted.publish, channel);
  }

  /** Whether it ends because of what the application said, so that asking it again may help. */
  public boolean endsByGrant() {
    return granted.expiry.isPresent() && granted.expiry.equals(expiry());
  }

  @Override
  public Optional<String> subject() {
    return known.subject().or(granted::user);
  }

  @Override
  public Optional<Instant> expiry() {
    return earlier(known.expiry(), granted.expiry);
  }

  @Override
  public Optional<Instant> warning() {
    return earlier(known.warning(), granted.warning);
  }

  @Override
  public Refusal expired() {
    return endsByGrant() ? Refusal.expired("What the application allowed") : known.expired();
  }

  @Override
  public boolean hasKey() {
    return false;
  }

  @Override
  public Optional<Refusal> subscribeRefusal(String channel) {
    if (rules.toSubscribe(channel) != Permission.HOOK) {
      return known.subscribeRefusal(channel);
    }
    return asksToSubscribe(channel) ? Optional.of(NOT_ASKED) : Optional.empty();
  }

  @Override
  public Optional<Refusal> subscribeRefusal() {
    // The order of permissions: where a token may be asked for, something may need less.
    return rules.leastToSubscribe().compareTo(Permission.HOOK) <= 0
        ? Optional.empty()
        : known.subscribeRefusal();
  }

  @Override
  public Optional<Refusal> publishRefusal(String channel) {
    if (rules.toPublish(channel) != Permission.HOOK) {
      return known.publishRefusal(channel);
    }
    if (isKnownFromUrl()) {
      return Optional.of(Refusal.FROM_URL);
    }
    return asksToPublish(channel) ? Optional.of(NOT_ASKED) : AccessRules.publishRefusal(channel);
  }

  @Override
  public Optional<Refusal> publishRefusal() {
    return rules.leastToPublish().compareTo(Permission.HOOK) <= 0
        ? Optional.empty()
        : known.publishRefusal();
  }

  private boolean isKnownFromUrl() {
    return known instanceof TokenCaller it && it.fromUrl();
  }

  private static boolean matches(List<ChannelPattern> patterns, String channel) {
    return patterns.stream().anyMatch(it -> it.matches(channel));
  }

  private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.or(() -> other);
    }
    return one.get().isBefore(other.get()) ? one : other;
  }
}
