package dev.halley.inspector.pcap;

import java.nio.ByteBuffer;

/**
 * A TCP segment to be written.
 *
 * @param flow whose it is, and which way it goes
 * @param seq of its first byte
 * @param ack what its sender expects next
 * @param flags of {@link TcpFlags}
 */
record Segment(Flow flow, int seq, int ack, int flags, ByteBuffer payload, long micros) {}
