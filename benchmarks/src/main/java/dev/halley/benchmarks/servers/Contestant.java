package dev.halley.benchmarks.servers;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A server that takes part.
 *
 * @param name a column of the table
 * @param command how to start it
 * @param echo the path of its echo, if it has one
 * @param channel from a name to the path on which what one sends goes to all
 */
record Contestant(
    String name, Command command, Optional<String> echo, UnaryOperator<String> channel) {

  /** A command line. */
  interface Command {
    /** The program and its arguments, for a server that listens on 127.0.0.1. */
    List<String> on(int port) throws IOException;
  }
}
