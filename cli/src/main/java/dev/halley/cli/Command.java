package dev.halley.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One of halley's commands. Its flags are declared in code, for reflection costs start-up time. */
interface Command {
  /** Its name, flags, parameters and help. */
  CommandSpec spec();

  /**
   * Does it.
   *
   * @return the exit code
   * @throws CommandException with the line for the operator
   */
  int run(ParseResult arguments) throws InterruptedException;
}
