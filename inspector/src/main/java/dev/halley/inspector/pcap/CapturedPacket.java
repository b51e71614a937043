package dev.halley.inspector.pcap;

import java.nio.ByteBuffer;

/**
 * A packet out of a capture.
 *
 * @param micros since 1970
 * @param linkType what it begins with
 * @param bytes as far as they were captured
 */
record CapturedPacket(long micros, int linkType, ByteBuffer bytes) {}
