package dev.halley.inspector.pcap;

import java.net.InetSocketAddress;

/** Two ends of a connection, in the direction of what is sent. */
record Flow(InetSocketAddress from, InetSocketAddress to) {
  Flow reversed() {
    return new Flow(to, from);
  }
}
