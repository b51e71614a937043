package dev.halley.inspector.dissect;

/** Where what follows a head ends (RFC 9112 section 6.3), or what it is instead. */
sealed interface Framing {
  /** There is no body. */
  record None() implements Framing {}

  /** So many bytes. */
  record Counted(long length) implements Framing {}

  /** Chunks. */
  record Chunked() implements Framing {}

  /** All up to the connection's end. */
  record UntilEnd() implements Framing {}

  /** What follows depends on the answer. */
  record Waiting() implements Framing {}

  /** Another protocol. */
  record Following() implements Framing {}

  /** Something that can't be read. */
  record Opaque() implements Framing {}
}
