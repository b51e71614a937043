/** Bytes in, events out: HTTP, event streams and frames as they are, right or wrong. */
package dev.halley.inspector.dissect;
