package dev.halley.server.http;

import dev.halley.server.hub.ConnectionStart;
import dev.halley.server.hub.TimerWheel;
import org.jspecify.annotations.Nullable;

/**
 * What a connection of HTTP/1.1 is, when it goes on in another form.
 *
 * @param written the bytes that were written to the peer so far
 * @param timer its deadline, which the other one takes over
 * @param current what is under way
 */
record HttpHandover(
    ConnectionStart start, long written, TimerWheel.Timer timer, @Nullable Exchange current) {}
