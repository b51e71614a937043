/**
 * What has arrived and isn't done with: how much of it there may be, and how slowly it may come.
 */
package dev.halley.server.arrival;
