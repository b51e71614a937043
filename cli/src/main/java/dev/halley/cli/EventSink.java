package dev.halley.cli;

/** Takes what a feed brings, on the feed's thread. */
interface EventSink {
  /** Takes an event; false if no more are wanted. */
  boolean accept(Event event);

  /** Nothing more is there at the moment; false if no more are wanted. */
  boolean idle();
}
