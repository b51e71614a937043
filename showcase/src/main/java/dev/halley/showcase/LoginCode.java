package dev.halley.showcase;

import java.time.Instant;

/**
 * A code for logging in once.
 *
 * @param id what the phone reads: 128 random bits
 * @param channel where its states are published. It isn't derived from the id: who sees the code
 *     over somebody's shoulder can't listen
 * @param expires when it is over, whatever happened
 */
record LoginCode(String id, String channel, Instant expires) {}
