/** Moves bytes between two sockets, and lets a conversation look at them. */
package dev.halley.inspector.proxy;
