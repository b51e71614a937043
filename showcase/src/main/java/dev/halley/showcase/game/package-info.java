/**
 * The game. Pure and deterministic: {@link dev.halley.showcase.game.World} with its arena, players,
 * monsters and bots. Bytes: {@link dev.halley.showcase.game.StateEncoder}, {@link
 * dev.halley.showcase.game.RosterEncoder}, {@link dev.halley.showcase.game.GameSocket}. Around them
 * {@link dev.halley.showcase.game.GameRoom} and, with the one thread, {@link
 * dev.halley.showcase.game.GameLoop}.
 */
package dev.halley.showcase.game;
