package dev.halley.cli;

/** What a subscriber is told, whatever the transport. */
sealed interface Event {
  /** The channel that it is about. */
  String channel();

  /** Where reading goes on after it. */
  String position();

  /** A publication: text and JSON as they are, binary as base64. */
  record Message(String channel, String position, String text) implements Event {}

  /** Publications that are lost, up to {@code position}. */
  record Gap(String channel, String from, String position) implements Event {}

  /** Nothing but where the cursor stands. */
  record Reached(String channel, String position) implements Event {}
}
