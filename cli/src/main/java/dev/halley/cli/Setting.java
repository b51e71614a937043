package dev.halley.cli;

import java.util.Locale;

/** One thing that can be set. Not a record: to hash one by its parts costs start-up time. */
final class Setting<T> {
  private final String key;
  private final ValueType<T> type;
  private final String defaultText;
  private final String description;

  /**
   * A setting.
   *
   * @param key kebab-case words with dots between a group and its members, as in the file: {@code
   *     limits.request-head}
   * @param type how its text is read
   * @param defaultText what it is if nobody sets it, as one would write it
   * @param description one line for the help and the documentation
   */
  Setting(String key, ValueType<T> type, String defaultText, String description) {
    this.key = key;
    this.type = type;
    this.defaultText = defaultText;
    this.description = description;
  }

  String key() {
    return key;
  }

  ValueType<T> type() {
    return type;
  }

  String defaultText() {
    return defaultText;
  }

  String description() {
    return description;
  }

  /** Its flag: {@code --limits-request-head}. */
  String flag() {
    return "--" + key.replace('.', '-');
  }

  /** Its environment variable: {@code HALLEY_LIMITS_REQUEST_HEAD}. */
  String variable() {
    return "HALLEY_" + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
