package dev.halley.server.transport;

import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AccessControl;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import dev.halley.server.wire.JsonBounds;
import dev.halley.websocket.MessageLimits;

/** What the WebSockets of one event loop need to know of the server around them. */
public record SocketContext(
    ServerConfig config,
    Hub hub,
    ServerMetrics metrics,
    AccessControl access,
    Admission admission,
    HubShard shard,
    Deflation deflation,
    MessageLimits messageLimits,
    MessageLimits commandLimits,
    JsonBounds jsonBounds) {}
