/** Who makes a request, and what they may do. Knows of no transport. */
package dev.halley.server.access;
