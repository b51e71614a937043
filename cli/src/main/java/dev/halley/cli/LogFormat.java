package dev.halley.cli;

/** How the lines of the log look. */
enum LogFormat {
  /** For people. */
  PLAIN,
  /** One JSON object a line, for machines. */
  JSON
}
