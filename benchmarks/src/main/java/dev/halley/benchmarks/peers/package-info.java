/**
 * Other servers as their documentation has them written: {@code /echo} sends a message back, and
 * what arrives on {@code /broadcast} goes to all who are there. Each takes its port as an argument.
 */
@NullMarked
package dev.halley.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
