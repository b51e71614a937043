/** Halley. */
package dev.halley.server;
