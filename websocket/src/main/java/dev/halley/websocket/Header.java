package dev.halley.websocket;

/**
 * A header field of a handshake.
 *
 * @param name as this endpoint writes it; field names are case-insensitive
 * @param value without whitespace around it
 */
public record Header(String name, String value) {}
