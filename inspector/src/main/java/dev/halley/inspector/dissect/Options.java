package dev.halley.inspector.dissect;

/**
 * How much is shown.
 *
 * @param cut how many bytes of a payload or body are kept for display, at least {@link #LEAST_CUT}
 * @param showSecrets whether credentials are left as they are
 */
public record Options(int cut, boolean showSecrets) {
  /** A control frame is always kept whole. */
  public static final int LEAST_CUT = 128;

  public Options {
    if (cut < LEAST_CUT) {
      throw new IllegalArgumentException("At least " + LEAST_CUT + " bytes are kept");
    }
  }
}
