/** The chat room: rooms, who is here, and a server that may be restarted meanwhile. */
package dev.halley.showcase.chat;
