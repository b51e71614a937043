package dev.halley.server.connection;

import java.net.InetSocketAddress;

/**
 * A request that came through a proxy, and what becomes of it: it is counted for the client, for
 * the connection is the proxy's and may be used by others before and after.
 *
 * @param client who sent the request
 * @param end is run once, when the request has been answered or what became of it has ended
 */
public record Visit(InetSocketAddress client, Runnable end) {}
