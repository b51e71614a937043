import org.jspecify.annotations.NullMarked;

/** A channel is a log, a subscriber is a cursor. */
@NullMarked
module dev.halley.broker {
  requires static transitive org.jspecify;

  exports dev.halley.broker;
}
