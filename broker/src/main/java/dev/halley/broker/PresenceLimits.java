package dev.halley.broker;

/**
 * How many users are listed as present. Whoever is beyond that listens all the same, and is listed
 * when there is room.
 *
 * @param members of one channel at most so many, at least 1
 * @param total of all channels together at most so many, at least 1; who is on two counts twice
 * @param channelsPerUser on at most so many channels the same user is listed, at least 1
 */
public record PresenceLimits(int members, int total, int channelsPerUser) {
  /**
   * Checks all.
   *
   * @throws IllegalArgumentException if one is less than 1
   */
  public PresenceLimits {
    if (members < 1 || total < 1 || channelsPerUser < 1) {
      throw new IllegalArgumentException("Presence lists at least 1 member");
    }
  }

  /** What suits most: 1,000 of one channel, 100,000 of all, a user on 200. */
  public static PresenceLimits defaults() {
    return new PresenceLimits(1_000, 100_000, 200);
  }
}
