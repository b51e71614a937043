package dev.halley.broker;

/**
 * How much a broker holds of one channel.
 *
 * @param head the newest publication's position
 * @param publications kept
 * @param bytes of their payloads
 */
public record ChannelUsage(StreamPosition head, int publications, long bytes) {}
