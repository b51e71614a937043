package dev.halley.broker;

/**
 * How much a broker holds.
 *
 * @param channels that have a log
 * @param bytes of all logs together, roughly
 */
public record BrokerUsage(int channels, long bytes) {}
