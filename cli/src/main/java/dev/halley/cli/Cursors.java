package dev.halley.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Where reading goes on in each channel: a position, {@code earliest} or {@code latest}. */
final class Cursors {
  private final List<String> channels;
  private final List<String> positions;

  /**
   * The begin.
   *
   * @param since one cursor for all channels, or one for each, separated by commas
   * @throws CommandException if there are as many as neither
   */
  Cursors(List<String> channels, String since) {
    List<String> given = List.of(since.split(",", -1));
    if (given.size() != 1 && given.size() != channels.size()) {
      throw CommandException.usage("--since has one position, or one for each channel");
    }
    this.channels = List.copyOf(channels);
    this.positions =
        new ArrayList<>(
            given.size() == channels.size()
                ? given
                : Collections.nCopies(channels.size(), given.get(0)));
  }

  List<String> channels() {
    return channels;
  }

  /** Whether all are positions, so that reading from them again brings the same. */
  boolean arePositions() {
    return positions.stream().allMatch(position -> position.indexOf(':') >= 0);
  }

  /** The cursor of a channel. */
  String of(String channel) {
    return positions.get(channels.indexOf(channel));
  }

  /** Moves the cursor of the event's channel. */
  void move(Event event) {
    int index = channels.indexOf(event.channel());
    if (index >= 0) {
      positions.set(index, event.position());
    }
  }

  /** As the server reads them: in the order of the channels, separated by commas. */
  @Override
  public String toString() {
    return String.join(",", positions);
  }
}
