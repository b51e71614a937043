package dev.halley.server.http;

import dev.halley.broker.Payload;

/** One publication of a request. */
record PublishEntry(String channel, Payload payload) {}
