package dev.halley.broker;

/**
 * How much a broker holds, and how often it came to a bound since it began.
 *
 * @param channels that have a log
 * @param bytes of all logs together, roughly
 * @param refusedChannels for which there was no place
 * @param refusedPublications for which there was no room
 * @param forgottenKeys idempotency keys that had to make place for others before their time
 */
public record BrokerUsage(
    int channels, long bytes, long refusedChannels, long refusedPublications, long forgottenKeys) {}
