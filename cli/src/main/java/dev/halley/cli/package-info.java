/** Halley. */
package dev.halley.cli;
