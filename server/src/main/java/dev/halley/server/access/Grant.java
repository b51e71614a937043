package dev.halley.server.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the application has said yes to.
 *
 * @param user who it is, as the application says
 * @param expiry until when the yes holds; without, for as long as the connection
 * @param subscribe where it needn't be asked any more for listening
 * @param publish where it needn't be asked any more for publishing
 */
public record Grant(
    Optional<String> user,
    Optional<Instant> expiry,
    List<ChannelPattern> subscribe,
    List<ChannelPattern> publish) {
  /** A yes that brings nothing else. */
  public static final Grant NOTHING =
      new Grant(Optional.empty(), Optional.empty(), List.of(), List.of());
}
