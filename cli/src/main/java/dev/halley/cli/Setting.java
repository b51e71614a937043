package dev.halley.cli;

import java.util.Locale;

/**
 * One thing that can be set.
 *
 * @param key kebab-case words with dots between a group and its members, as in the file: {@code
 *     limits.request-head}
 * @param type how its text is read
 * @param defaultText what it is if nobody sets it, as one would write it
 * @param description one line for the help and the documentation
 */
record Setting<T>(String key, ValueType<T> type, String defaultText, String description) {
  /** Its flag: {@code --limits-request-head}. */
  String flag() {
    return "--" + key.replace('.', '-');
  }

  /** Its environment variable: {@code HALLEY_LIMITS_REQUEST_HEAD}. */
  String variable() {
    return "HALLEY_" + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
