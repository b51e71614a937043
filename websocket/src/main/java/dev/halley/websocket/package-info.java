/** Halley. */
package dev.halley.websocket;
