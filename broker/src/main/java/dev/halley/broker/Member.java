package dev.halley.broker;

/**
 * A user who is present on a channel.
 *
 * @param user the name
 * @param sinceMillis when the first lease began, in milliseconds since 1970-01-01T00:00Z
 */
public record Member(String user, long sinceMillis) {}
