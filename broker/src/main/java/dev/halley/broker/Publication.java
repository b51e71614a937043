package dev.halley.broker;

/**
 * One immutable entry of a channel's log.
 *
 * @param position where it stands in the log
 * @param payload what was published
 * @param timeMillis when it was appended, in milliseconds since 1970-01-01T00:00Z
 */
public record Publication(StreamPosition position, Payload payload, long timeMillis) {}
