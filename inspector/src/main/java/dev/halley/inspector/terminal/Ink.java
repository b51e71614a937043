package dev.halley.inspector.terminal;

/** Colours, or none. */
public enum Ink {
  FAINT("2"),
  BOLD("1"),
  RED("1;31"),
  GREEN("32"),
  YELLOW("33"),
  BLUE("34"),
  MAGENTA("35"),
  CYAN("36");

  private final String code;

  Ink(String code) {
    this.code = code;
  }

  String paint(String text, boolean colours) {
    return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
