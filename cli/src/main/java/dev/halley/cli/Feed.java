package dev.halley.cli;

import java.io.IOException;

/** One transport, seen from its reader. */
interface Feed {
  /**
   * Reads from the cursors on until the sink wants no more.
   *
   * @throws IOException if the connection couldn't be made or broke: to be tried again
   * @throws CommandException if the server refuses for good
   */
  void read(Cursors cursors, EventSink sink) throws IOException, InterruptedException;
}
