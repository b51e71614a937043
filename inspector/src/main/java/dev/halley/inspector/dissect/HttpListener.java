package dev.halley.inspector.dissect;

/** What the bytes of one direction are, as {@link HttpDissector} finds out. */
interface HttpListener {
  /** A head is complete; says what follows. */
  Framing head(Head head, long micros);

  /** Content of a body, without its transfer coding; left with its secrets masked. */
  void body(byte[] content, int length, long micros);

  /** A body has ended; each head that has one is followed by one call. */
  void bodyEnd(boolean complete, long micros);

  /**
   * It begins with what a server begins HTTP/2 with; returns false if that can't be, and true if it
   * has said what is to read it.
   */
  boolean settingsFirst(long micros);

  /** What comes from here on can't be read. */
  void opaque(String why, long micros);
}
