/**
 * Faults and hostile strangers, with a legitimate user beside them: what a real server process
 * promises while they are there, and that nothing of them stays afterwards. {@code ChaosIT} is the
 * short form, {@code benchmarks/chaos} the long one.
 */
@NullMarked
package dev.halley.cli.chaos;

import org.jspecify.annotations.NullMarked;
