package dev.halley.broker;

import java.util.List;

/**
 * Who is present on a channel.
 *
 * @param members those who are listed, in the order in which they came
 * @param complete false if somebody wasn't listed lately because there was no room
 * @param anonymous how many listeners have no name
 * @param position of the channel {@link PresenceChannels#of} at which the members were these:
 *     whoever reads on from there misses no change
 */
public record Present(
    List<Member> members, boolean complete, int anonymous, StreamPosition position) {
  /** Takes a copy of the list. */
  public Present {
    members = List.copyOf(members);
  }
}
