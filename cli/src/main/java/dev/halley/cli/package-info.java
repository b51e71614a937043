/**
 * The {@code halley} command. {@code Halley} is the entry; {@code Settings} is the one table from
 * which flags, environment variables, the file's keys, the help and the documentation come.
 */
package dev.halley.cli;
