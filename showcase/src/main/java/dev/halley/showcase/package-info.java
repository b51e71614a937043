/**
 * The showcase: its pages, and one {@link dev.halley.showcase.Demo} for each use of server push.
 */
package dev.halley.showcase;
