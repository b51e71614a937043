package dev.halley.server.hub;

/**
 * When a connection became what it is.
 *
 * @param number of no other connection of this server
 * @param timeMillis in milliseconds since 1970
 */
public record ConnectionStart(long number, long timeMillis) {}
