package dev.halley.broker;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.ObjIntConsumer;

/**
 * Who is present on which channel, by leases: a lease says that a user listens, and ends by itself
 * unless it is renewed, so nobody stays whose server or network is gone. A user is present from the
 * begin of the first lease to the end of the last one, however many there are in between.
 *
 * <p>A lease belongs to a <em>holder</em>, which is whatever part of a server speaks for its own
 * listeners, and has one for each user and channel. What a holder says of them counts in the order
 * in which it was said. Safe for use by many threads; fails as {@link Broker} does.
 *
 * <p>Each change is a publication on the channel {@link PresenceChannels#of}, in order: {@code
 * {"join":{"user":…,"since":…}}} and {@code {"leave":{"user":…}}}. A user who couldn't be announced
 * isn't present, and one whose end couldn't be is still, until it can: the list is what a reader of
 * that channel would have.
 */
public interface Presence {
  /** The longest name of a user, in characters. */
  int LONGEST_USER = 255;

  /**
   * Begins a lease or sets when it ends.
   *
   * @param user of at most {@link #LONGEST_USER} characters
   * @param holder whose lease it is
   * @param lease how long it lasts from now on
   * @return whether the user is listed; if not, there was no room, and a later renewal may find
   *     some
   */
  CompletionStage<Boolean> renew(String channel, String user, String holder, Duration lease);

  /**
   * Lets a lease end, if there is one.
   *
   * @param after how long it still lasts, so that somebody who comes back at once hasn't left; 0 is
   *     at once
   */
  CompletionStage<Void> release(String channel, String user, String holder, Duration after);

  /**
   * Says how many listen who have no name.
   *
   * @param lease how long that counts, unless it is said anew
   */
  CompletionStage<Void> count(String channel, String holder, int anonymous, Duration lease);

  /** Who is present. */
  CompletionStage<Present> present(String channel);

  /**
   * Shows the channels on which somebody is present, with how many members each has, if that is
   * known. Any thread, without waiting.
   */
  default void forEachChannel(ObjIntConsumer<String> each) {}
}
