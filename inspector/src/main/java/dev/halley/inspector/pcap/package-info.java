/** Capture files, pcap and pcapng: packets out of what passed, and what passed out of packets. */
package dev.halley.inspector.pcap;
