package dev.halley.broker;

/**
 * Publications between a cursor and the log that can no longer be read. Reading goes on after
 * {@code to}.
 *
 * <p>Within one epoch these are the offsets {@code from} to {@code to}, both included. Where the
 * epochs differ, how many were lost is unknown: all from {@code from} to the end of the old log,
 * and those of the new one up to {@code to}.
 *
 * @param from the first publication that is lost
 * @param to the last one; the one after it is the next that is read
 */
public record Gap(StreamPosition from, StreamPosition to) {}
