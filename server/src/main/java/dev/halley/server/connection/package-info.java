/**
 * What carries a stream once HTTP has given its connection away: bytes out, bytes in, and whether
 * there is room. Streams know neither pipelines nor sockets.
 */
package dev.halley.server.connection;
