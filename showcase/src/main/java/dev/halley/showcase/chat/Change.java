package dev.halley.showcase.chat;

/** Somebody came or went. */
sealed interface Change {
  /** The room. */
  String room();

  /** Who. */
  String name();

  /** The first tab of this name entered the room. */
  record Join(String room, String name) implements Change {}

  /** The last tab of this name left the room. */
  record Leave(String room, String name) implements Change {}
}
