package dev.halley.cli.chaos;

import java.util.List;

/**
 * What a legitimate user saw while something went wrong around them.
 *
 * @param published publications that were confirmed
 * @param delivered to all readers together
 * @param gaps that readers were told
 * @param refusals answers that said when to try again
 * @param cuts connections that ended before the user ended them
 * @param slowestMillis the longest that an answer took
 * @param latestMillis the longest from a confirmation to a delivery
 * @param faults what mustn't be, in words
 */
record Outcome(
    long published,
    long delivered,
    long gaps,
    long refusals,
    long cuts,
    long slowestMillis,
    long latestMillis,
    List<String> faults) {}
