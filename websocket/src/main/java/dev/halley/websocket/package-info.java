/**
 * The WebSocket protocol (RFC 6455) without I/O.
 *
 * <p>{@link dev.halley.websocket.ServerHandshake} and {@link dev.halley.websocket.ClientHandshake}
 * decide about the HTTP upgrade, {@link dev.halley.websocket.WebSocketProtocol} is one open
 * connection. The caller owns the socket, the threads, the timers and the randomness.
 */
package dev.halley.websocket;
