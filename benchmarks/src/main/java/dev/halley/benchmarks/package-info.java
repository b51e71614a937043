/**
 * The protocol core side by side with its peers: {@link dev.halley.benchmarks.Main} measures and
 * prints one table.
 */
@NullMarked
package dev.halley.benchmarks;

import org.jspecify.annotations.NullMarked;
